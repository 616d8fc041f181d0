package files

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// File is what is written under one name.
type File struct {
	Path string
	Data []byte
	Perm fs.FileMode
}

// Write writes a file whole or not at all. Without force it fails with an
// *ExistsError if there is a file of that name, also one made meanwhile.
func Write(path string, data []byte, perm fs.FileMode, force bool) error {
	return writeAll([]File{{Path: path, Data: data, Perm: perm}}, force)
}

// WritePair writes two files, both or none: a key first, its certificate last, so
// that a certificate is never there without its key.
func WritePair(a, b File, force bool) error {
	if filepath.Clean(a.Path) == filepath.Clean(b.Path) {
		return &PathError{Op: "write", Path: a.Path, Err: errSameFile}
	}
	return writeAll([]File{a, b}, force)
}

func writeAll(list []File, force bool) error {
	for _, f := range list {
		if err := checkTarget(f.Path, force); err != nil {
			return err
		}
	}
	var staged []*stagedFile
	for _, f := range list {
		s, err := stage(f, force)
		if err != nil {
			finishAll(staged, true)
			return err
		}
		s.keep = len(list) > 1
		staged = append(staged, s)
	}
	return placeAll(staged)
}

// placeAll puts all files in place, or leaves everything as it was.
func placeAll(staged []*stagedFile) error {
	for _, s := range staged {
		if err := s.place(); err != nil {
			finishAll(staged, true)
			return err
		}
	}
	finishAll(staged, false)
	return nil
}

func finishAll(staged []*stagedFile, undo bool) {
	for _, s := range slices.Backward(staged) {
		s.finish(undo)
	}
}

// Writable says why a file can't be written as Write would, as far as that can be told
// without writing.
func Writable(path string, force bool) error { return checkTarget(path, force) }

// checkTarget refuses what must not be replaced, before anything is written.
func checkTarget(path string, force bool) error {
	if info, err := os.Stat(filepath.Dir(path)); err != nil && errors.Is(err, fs.ErrNotExist) {
		return &PathError{Op: "write", Path: path, Err: errNoFolder}
	} else if err == nil && !info.IsDir() {
		return &PathError{Op: "write", Path: path, Err: errNoFolder}
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return because("write", path, err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err := os.Stat(path); err == nil {
			info = target
		}
	}
	switch {
	case info.IsDir():
		return &PathError{Op: "write", Path: path, Err: errFolder}
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeSymlink == 0:
		// A rename would replace the device or pipe itself.
		return &PathError{Op: "write", Path: path, Err: errNotRegular}
	case !force:
		return &ExistsError{Path: path}
	}
	return nil
}

// stagedFile is a file that is written and synced under a temporary name.
type stagedFile struct {
	File
	target string // Path, or what it is a link to
	temp   string
	backup string // the file that was replaced, under a second name
	force  bool
	keep   bool // what is replaced may have to come back
	placed bool
}

func stage(f File, force bool) (*stagedFile, error) {
	s := &stagedFile{File: f, target: f.Path, force: force}
	if force {
		// A link is written through, so that it stays one.
		if real, err := filepath.EvalSymlinks(f.Path); err == nil {
			s.target = real
		}
	}
	s.temp = s.sibling()
	if err := writeNew(s.temp, f.Data, f.Perm); err != nil {
		return nil, because("write", f.Path, err)
	}
	return s, nil
}

// sibling returns a new name in the folder of the target.
func (s *stagedFile) sibling() string {
	return filepath.Join(filepath.Dir(s.target), ".oauthpop-"+rand.Text()+".tmp")
}

// place puts the file under its name and makes the name durable.
func (s *stagedFile) place() error {
	put := s.link
	if s.force {
		put = s.rename
	}
	if err := put(); err != nil {
		return err
	}
	s.placed = true
	return syncFolder(filepath.Dir(s.target))
}

// link gives the file its name, which fails if the name exists. Where there are
// no links the content is copied to a file that must be new.
func (s *stagedFile) link() error { return s.linkBy(os.Link) }

func (s *stagedFile) linkBy(link func(from, to string) error) error {
	err := link(s.temp, s.target)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = s.copyNew()
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return &ExistsError{Path: s.Path}
	case err != nil:
		return because("write", s.Path, err)
	}
	return nil
}

// copyNew copies the staged file to a file that must be new.
func (s *stagedFile) copyNew() error {
	staged, err := os.Open(s.temp)
	if err != nil {
		return err
	}
	defer staged.Close()
	_, err = copyTo(s.target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, staged, s.Perm)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		_ = os.Remove(s.target)
	}
	return err
}

// rename replaces the file of that name. One of a pair keeps what it replaces
// under a second name until the whole pair is in place.
func (s *stagedFile) rename() error {
	if s.keep && Exists(s.target) {
		s.backup = s.sibling()
		err := os.Link(s.target, s.backup)
		if err != nil { // no links here
			err = os.Rename(s.target, s.backup)
		}
		if err != nil {
			return because("write", s.Path, err)
		}
	}
	if err := os.Rename(s.temp, s.target); err != nil {
		return because("write", s.Path, err)
	}
	return nil
}

// finish removes every temporary name, and with undo puts back what was there.
func (s *stagedFile) finish(undo bool) {
	switch {
	case undo && s.backup != "":
		_ = os.Rename(s.backup, s.target)
	case undo && s.placed:
		_ = os.Remove(s.target)
	}
	_ = os.Remove(s.temp)
	if s.backup != "" {
		_ = os.Remove(s.backup)
	}
}

// writeNew writes and syncs a file that must not exist. It leaves none on failure.
func writeNew(path string, data []byte, perm fs.FileMode) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(path)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
