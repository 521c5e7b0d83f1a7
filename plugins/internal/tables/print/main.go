// Command print writes the tables of every family as one JSON object, for the
// system that its argument names and its Specs were built for.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hrhost/hrhost/plugins/internal/tables"
	"github.com/hrhost/hrhost/sdk"
)

func main() {
	if err := json.NewEncoder(os.Stdout).Encode(tables.Families(sdk.Platform(os.Args[1]))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
