package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/internal/text"
)

// junitSuite is one profile.
type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

// junitProperty is a named fact of the run.
type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// junitCase is one expectation.
type junitCase struct {
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	Time      string       `xml:"time,attr"`
	Failure   *junitDetail `xml:"failure"`
	Error     *junitDetail `xml:"error"`
	Skipped   *junitDetail `xml:"skipped"`
}

// junitDetail says why a case did not pass.
type junitDetail struct {
	Message string     `xml:"message,attr"`
	Attrs   []xml.Attr `xml:",any,attr"`
	Body    string     `xml:",chardata"`
}

// JUnit renders junit.xml: one testsuite a profile. As expected passes, a
// mismatch is a failure, an expectation without a decision is an error, one
// that this world does not support is skipped.
func JUnit(w io.Writer, run *Run) error {
	c := cases(run)
	_, err := fmt.Fprintf(w, "%s<testsuites name=\"hrhost\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n",
		xml.Header, c.Tests, c.Failures, c.Errors, c.Skipped)
	if err != nil {
		return err
	}
	for _, p := range run.Profiles {
		text, err := xml.MarshalIndent(suite(run, p), "  ", "  ")
		if err != nil {
			return err
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "</testsuites>\n")
	return err
}

// cases counts what the whole file says. A sweep is one case.
func cases(run *Run) (all junitSuite) {
	for _, p := range run.Profiles {
		s := suite(run, p)
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
	}
	return all
}

// suite is one profile as a testsuite.
func suite(run *Run, p Profile) junitSuite {
	m := run.Manifest
	s := junitSuite{
		Name: text.Visible(p.ID), Tests: len(p.Probes), Failures: p.Count(Mismatch), Errors: p.Count(Undecided),
		Skipped: p.Count(Skipped), Timestamp: text.Visible(m.StartedAt),
		Properties: []junitProperty{
			{"run_id", text.Visible(m.RunID)}, {"world_id", text.Visible(m.WorldID)},
			{"plan_digest", text.Visible(m.PlanDigest)},
			{"channel", text.Visible(m.Channel)}, {"seal_mode", text.Visible(p.SealMode)},
		},
	}
	if p.Sweep != nil {
		one := sweepCase(p)
		s.Tests, s.Cases, s.Time = 1, []junitCase{one}, one.Time
		if one.Error != nil {
			s.Errors = 1
		}
		return s
	}
	var total int64
	for _, x := range p.Probes {
		total += x.Duration
		s.Cases = append(s.Cases, testcase(x))
	}
	s.Time = seconds(total)
	return s
}

// testcase is one expectation as a test case.
func testcase(x *Probe) junitCase {
	c := junitCase{
		Name: text.Visible(x.Short()), ClassName: text.Visible(x.Family + "." + x.Operation), Time: seconds(x.Duration),
	}
	switch x.Outcome {
	case Mismatch:
		c.Failure = detail(x)
	case Undecided:
		c.Error = detail(x)
	case Skipped:
		c.Skipped = &junitDetail{Message: "unsupported on this world"}
	}
	return c
}

// detail is what a case that did not pass says: a line, then the whole story.
func detail(x *Probe) *junitDetail {
	var body []string
	for _, k := range x.Packets {
		body = append(body, k.Explain...)
		body = append(body, "reproduce: "+k.Reproduce)
	}
	line := fmt.Sprintf("expected %s, got %s: %s", x.Expected, dash(x.Enforced), x.Packets[0].Reason)
	return &junitDetail{
		Message: text.Visible(line), Attrs: xmlAttr("type", x.Packets[0].Reason),
		Body: xmlText(strings.Join(body, "\n")),
	}
}

// seconds is a duration as JUnit wants it.
func seconds(us int64) string { return strconv.FormatFloat(float64(us)/1e6, 'f', 6, 64) }
