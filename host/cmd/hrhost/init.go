package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost"

	"github.com/hrhost/hrhost/internal/text"
)

func initCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "write the default plan and its profiles to edit them",
		Long: `Writes config.toml and sb/*.sb, which hrhost run without a plan uses, into DIR
(default: here). A file that is there already is left alone: then nothing is
written.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			u.heed(c) // it comes to its end: half a plan is worse than none
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			files, err := writePlan(hrhost.DefaultPlan, dir)
			if err != nil {
				return refuse(err, "nothing was written; to write elsewhere: hrhost init DIR")
			}
			return u.initialised(dir, files)
		},
	}
}

func (u *ui) initialised(dir string, files []string) error {
	config := filepath.Join(dir, planFile)
	if u.json {
		return u.object(map[string]any{"dir": dir, "files": files})
	}
	u.path(config)
	for _, f := range files {
		u.printf("wrote    %s\n", text.Terminal(filepath.Join(dir, f)))
	}
	u.printf("next:    change them, then hrhost run %s\n", text.Terminal(config))
	return nil
}

// writePlan copies every file of fsys below dir, which it makes if it has to,
// and returns their names. Nothing is ever overwritten. After an error nothing
// that it made is left.
func writePlan(fsys fs.FS, dir string) (names []string, err error) {
	if err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, name)
		}
		return err
	}); err != nil {
		return nil, err
	}
	slices.Reverse(names) // the plan last: profiles without one run nothing
	w := &planWriter{}
	if err := w.directory(os.Mkdir, os.Remove, dir); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		w.undo()
		return nil, err
	}
	defer root.Close()
	defer func() {
		if err != nil {
			w.undo()
		}
	}()
	for _, name := range names {
		if err := w.copy(fsys, root, name); err != nil {
			return nil, fmt.Errorf("writing %s: %w", filepath.Join(dir, name), err)
		}
	}
	return names, nil
}

// planWriter remembers how to undo what it did.
type planWriter struct{ undos []func() }

func (w *planWriter) undo() {
	for _, u := range slices.Backward(w.undos) {
		u()
	}
}

// directory makes a directory unless there is one.
func (w *planWriter) directory(mkdir func(string, os.FileMode) error, remove func(string) error, dir string) error {
	err := mkdir(dir, 0o755)
	if err == nil {
		w.undos = append(w.undos, func() { remove(dir) })
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // if it is no directory, opening something in it says so
	}
	return err
}

// copy writes one file that must not be there.
func (w *planWriter) copy(fsys fs.FS, root *os.Root, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if dir := path.Dir(name); dir != "." {
		if err := w.directory(root.Mkdir, root.Remove, dir); err != nil {
			return err
		}
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return cause(err)
	}
	w.undos = append(w.undos, func() { root.Remove(name) })
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// cause strips the path from an error that the caller names anyway.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
