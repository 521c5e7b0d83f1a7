// Command words counts the phrases of phrases.txt, long lines and long commit
// subjects, and compares them with the committed counts. It prints each count
// that rose, and exits with 0 all the same: a person decides. `make words` and
// `make lint` run it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"text/tabwriter"
)

const (
	ownDir     = "scripts/words" // of this program, in the repository
	countsFile = ownDir + "/counts.txt"
	commits    = "(commits)" // stands where counts of commits have no package
)

type options struct {
	base   string // count the subjects since this commit, not the last ones
	in     string // list the occurrences in this package, compare nothing
	update bool   // write the counts
}

func main() {
	var o options
	flag.StringVar(&o.base, "base", "", "list the long subjects since this `commit`, and leave the last 200 alone")
	flag.StringVar(&o.in, "in", "", "list each occurrence in this `package` (a directory), and compare nothing")
	flag.BoolVar(&o.update, "update", false, "write the counts to "+countsFile)
	flag.Parse()
	if err := words(os.Stdout, ".", o); err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(1)
	}
}

func words(w io.Writer, dir string, o options) error {
	if o.base != "" && o.update {
		return errors.New("-update counts the last commits: leave out -base")
	}
	phrases, err := parsePhrases(phrasesText)
	if err != nil {
		return err
	}
	hits, err := repo(dir).scan(phrases)
	if err != nil {
		return err
	}
	if o.in != "" {
		list(w, hits, path.Clean(o.in))
		return nil
	}
	text, err := os.ReadFile(filepath.Join(dir, countsFile))
	if err != nil && !(o.update && errors.Is(err, os.ErrNotExist)) {
		return err
	}
	was, err := parseCounts(string(text))
	if err != nil {
		return err
	}
	now := tally(hits)
	if err := countSubjects(w, repo(dir), o.base, was, now); err != nil {
		return err
	}
	rose, fell := compare(was, now)
	show(w, rose, phrases)
	if !o.update {
		summary(w, rose, fell)
		return nil
	}
	if len(rose) > 0 {
		fmt.Fprintf(w, "words: %d counts are written higher than they were. They should only go down:\n"+
			"edit the text, or give the reason in the commit.\n", len(rose))
	}
	fmt.Fprintf(w, "words: %s written, %d counts went down\n", countsFile, fell)
	return os.WriteFile(filepath.Join(dir, countsFile), []byte(now.String()), 0o644)
}

// list prints the occurrences in one package.
func list(w io.Writer, hits []hit, pkg string) {
	for _, h := range hits {
		if path.Dir(h.file) == pkg {
			fmt.Fprintln(w, h)
		}
	}
}

// countSubjects adds the count of long subjects to now. With a base it prints
// them; they are compared with nothing. Where a shallow clone cannot know, the
// old count stands.
func countSubjects(w io.Writer, r repo, base string, was, now counts) error {
	last, all, err := r.subjects(base)
	if err != nil {
		return err
	}
	k := key{commits, subjects}
	long := tooLong(last)
	switch {
	case base != "":
		for _, s := range long {
			fmt.Fprintf(w, "subject longer than %d characters: %s\n", longSubject, s)
		}
		fallthrough
	case !all:
		if was[k] > 0 {
			now[k] = was[k]
		}
	case len(long) > 0:
		now[k] = len(long)
	}
	if !all {
		fmt.Fprintf(w, "words: a shallow clone with %d of %d commits: subjects are not counted\n", len(last), window)
	}
	return nil
}

// show prints a table of what rose.
func show(w io.Writer, rose []rise, phrases []phrase) {
	if len(rose) == 0 {
		return
	}
	instead := map[string]string{mdLines: "wrap the lines", goLines: "wrap the lines", subjects: "shorten new subjects"}
	for _, p := range phrases {
		instead[p.name] = p.instead
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "package\tphrase\twas\tnow\twrite instead")
	for _, r := range rose {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\n", r.pkg, r.phrase, r.was, r.now, instead[r.phrase])
	}
	t.Flush()
}

func summary(w io.Writer, rose []rise, fell int) {
	switch {
	case len(rose) > 0:
		fmt.Fprintf(w, "words: %d counts rose. `make words IN=PACKAGE` lists each place.\n", len(rose))
	case fell > 0:
		fmt.Fprintf(w, "words: no count rose, %d fell. `make words UPDATE=1` records it.\n", fell)
	default:
		fmt.Fprintln(w, "words: no count rose")
	}
}
