package bundle

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/pages"
)

var update = flag.Bool("update", false, "write the enumerations of schemas/common.schema.json")

// TestReasonsOfTheSchema: the reasons and the rules of the schema are those of package
// lane.
func TestReasonsOfTheSchema(t *testing.T) {
	const path = "schemas/common.schema.json"
	const how = "go test ./host/bundle -run TestReasonsOfTheSchema -update"
	var decisions, packets []string
	for _, row := range lane.Reasons() {
		item := fmt.Sprintf("        %q", row.Reason)
		packets = append(packets, item)
		if row.Decision {
			decisions = append(decisions, item)
		}
	}
	for name, items := range map[string][]string{"reason": decisions, "packet_reason": packets} {
		begin := fmt.Sprintf("    %q: {\n      \"enum\": [\n", name)
		pages.Part{Path: path, Begin: begin, End: "      ]\n"}.Holds(t, strings.Join(items, ",\n")+"\n", *update, how)
	}
	pages.Part{Path: path, Begin: "        \"decision_rule\": {\n          \"type\": \"integer\",\n          \"minimum\": 1,\n", End: "        },\n"}.
		Holds(t, fmt.Sprintf("          \"maximum\": %d\n", lane.LastRule), *update, how)
}
