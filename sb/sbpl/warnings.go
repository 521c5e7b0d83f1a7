package sbpl
type Warning struct{}
