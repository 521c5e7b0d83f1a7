// Command print writes the tables of every family as one JSON object, for the
// system that its argument names and its Specs were built for. With the argument
// "families" it writes the source of the list of families.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hrhost/hrhost/plugins/internal/tables"
	"github.com/hrhost/hrhost/sdk"
)

func main() {
	if err := print(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func print(what string) error {
	if what != "families" {
		return json.NewEncoder(os.Stdout).Encode(tables.Families(sdk.Platform(what)))
	}
	text, err := tables.List()
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return err
}
