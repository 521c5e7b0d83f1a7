package jsonschema

// unevaluated is an unevaluatedProperties.
type unevaluated struct {
	schema *schema
	at     place
	rest   *schema
}

// close makes an unevaluatedProperties of all properties that the schema and
// what it is composed of do not name. Whether a conditional part evaluates its
// properties depends on the value; so such a part must name no others.
func (c *compiler) close(u unevaluated) {
	always, maybe := map[string]bool{}, map[string]bool{}
	if !u.schema.named(always, maybe) {
		c.fail(u.at, "unevaluatedProperties where all are evaluated")
	}
	for name := range maybe {
		if !always[name] {
			c.fail(u.at, "unevaluatedProperties, and only a conditional part names %q", name)
		}
	}
	u.schema.rest, u.schema.known = u.rest, always
}

// named collects the properties that s names, always or conditionally, and
// reports that it leaves the others to who refers to it.
func (s *schema) named(always, maybe map[string]bool) bool {
	for _, p := range s.properties {
		always[p.name] = true
	}
	leaves := s.rest == nil
	for _, part := range s.all {
		leaves = part.named(always, maybe) && leaves
	}
	for _, part := range append([]*schema{s.cond, s.then, s.other}, s.either...) {
		leaves = (part == nil || part.named(maybe, maybe)) && leaves
	}
	return leaves
}
