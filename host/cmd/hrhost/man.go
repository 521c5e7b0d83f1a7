package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "print the manual page for man(1)",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			date, err := sourceDate(os.Getenv("SOURCE_DATE_EPOCH"))
			if err != nil {
				return refuse(err)
			}
			return writeManual(u.out, c.Root(), date)
		},
	}
}

// sourceDate is the date of a reproducible build, "" when the environment has
// none: the page is the same for everybody.
func sourceDate(epoch string) (string, error) {
	if epoch == "" {
		return "", nil
	}
	n, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return "", fmt.Errorf("SOURCE_DATE_EPOCH %q is no number of seconds", epoch)
	}
	return time.Unix(n, 0).UTC().Format(time.DateOnly), nil
}

// writeManual renders the command tree as one page of man(7). cobra's own
// writer makes a page for each verb, by way of a Markdown translator that would
// have to be in the program.
func writeManual(w io.Writer, root *cobra.Command, date string) error {
	p := &page{}
	p.macro("TH", strings.ToUpper(root.Name()), "1", date, root.Name()+" "+root.Version, "")
	p.macro("SH", "NAME")
	p.line(root.Name() + ` \- ` + roff(root.Short))
	p.macro("SH", "SYNOPSIS")
	p.line(`\fB` + root.Name() + `\fR \fIcommand\fR [\fIargument\fR]... [\fIflag\fR]...`)
	p.macro("SH", "DESCRIPTION")
	p.text(root.Long)
	p.macro("SH", "FLAGS OF EVERY COMMAND")
	p.flags(root.PersistentFlags())
	p.macro("SH", "COMMANDS")
	p.commands(root)
	_, err := io.WriteString(w, p.String())
	return err
}

// page is man(7) source in the making.
type page struct{ strings.Builder }

func (p *page) line(s string) { p.WriteString(s + "\n") }

// macro writes a macro with its arguments, quoted.
func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, a := range args {
		p.WriteString(` "` + strings.ReplaceAll(roff(a), `"`, `\(dq`) + `"`)
	}
	p.WriteString("\n")
}

// commands writes a section for each command that does something, parents first.
func (p *page) commands(parent *cobra.Command) {
	for _, c := range parent.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		p.macro("SS", strings.TrimSuffix(c.UseLine(), " [flags]"))
		p.text(cmp.Or(c.Long, c.Short+"."))
		p.text(c.Example)
		p.flags(c.LocalNonPersistentFlags())
		if c.Name() != "completion" { // cobra's: a long page for each shell
			p.commands(c)
		}
	}
}

func (p *page) flags(set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		head := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			head = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + head
		}
		if name != "" {
			head += ` \fI` + roff(name) + `\fR`
		}
		p.line(".TP")
		p.line(head)
		p.line(roff(usage))
	})
}

// text writes help text: indented lines stay as they are, the others are filled.
func (p *page) text(s string) {
	asIs, gap := false, false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\n")
		indented := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		switch {
		case line == "":
			gap = true
			continue
		case indented && !asIs:
			p.line(".PP\n.EX")
		case !indented && asIs:
			p.line(".EE\n.PP")
		case gap && asIs:
			p.line("")
		case gap:
			p.line(".PP")
		}
		p.line(roff(line))
		asIs, gap = indented, false
	}
	if asIs {
		p.line(".EE")
	}
}

// roff escapes what troff would act on.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
