// Command hrhost-fixture owns names on a bus or sees which notifications are
// delivered there. hrhost starts it; see package fixture.
package main

import (
	"os"

	"github.com/hrhost/hrhost/host/enforce/bus/fixture"
)

func main() { os.Exit(fixture.Main(os.Args[1:])) }
