// Package files reads bounded files and writes files that are never half
// written: a temporary file in the same folder is put in place whole.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ExistsError says that a file was not written because there is one already.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string { return fmt.Sprintf("%q exists already", e.Path) }

// HintText is the second line of the message.
func (e *ExistsError) HintText() string { return "use --force to replace it" }

// Is makes the error equal to fs.ErrExist.
func (e *ExistsError) Is(target error) bool { return target == fs.ErrExist }

// TooLargeError says that a file is longer than what is read of its kind.
type TooLargeError struct {
	Path  string
	Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%q is longer than %d bytes", e.Path, e.Limit)
}

// PathError says what could not be done with which file, and why.
type PathError struct {
	Op, Path string
	Err      error
}

func (e *PathError) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Path, e.Err) }

func (e *PathError) Unwrap() error { return e.Err }

// Machine reports whether the machine is at fault (a full or broken disk), not
// the path that was given.
func (e *PathError) Machine() bool {
	for _, no := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(e.Err, no) {
			return true
		}
	}
	return false
}

var (
	errFolder     = errors.New("it is a folder")
	errNotFolder  = errors.New("it is not a folder")
	errNotRegular = errors.New("it is not a regular file")
	errNoFolder   = errors.New("its folder does not exist")
	errSameFile   = errors.New("both files of the pair have this name")
)

// because wraps the cause of err, without the path that os puts into it.
func because(op, path string, err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return &PathError{Op: op, Path: path, Err: err}
}

// Read returns the content of a file or a pipe, which may be limit bytes long.
func Read(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, because("open", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, because("open", path, err)
	}
	if info.IsDir() {
		return nil, &PathError{Op: "read", Path: path, Err: errFolder}
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, because("read", path, err)
	}
	if int64(len(b)) > limit {
		return nil, &TooLargeError{Path: path, Limit: limit}
	}
	return b, nil
}

// Exists reports whether there is something of that name, a dangling link included.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Same reports whether two names are of one file, or would be.
func Same(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// MkdirPrivate makes a folder that only its owner can enter, and the folders
// above it that are missing. One that exists is left as it is.
func MkdirPrivate(path string) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return &PathError{Op: "make folder", Path: path, Err: errNotFolder}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return because("make folder", path, err)
	}
	return nil
}

// List returns the paths of the regular files of a folder, sorted by name. Links
// are followed: mounted secrets are links to the real files.
func List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, because("list", dir, err)
	}
	var paths []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
