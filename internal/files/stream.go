package files

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Open opens a file or a pipe for reading and returns its length, -1 where that
// is not known.
func Open(path string) (io.ReadCloser, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, because("open", path, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &PathError{Op: "read", Path: path, Err: errFolder}
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, because("open", path, err)
	}
	if !info.Mode().IsRegular() {
		return f, -1, nil
	}
	return f, info.Size(), nil
}

// WriteFrom writes what r gives to a file, whole or not at all, like Write, and
// returns its length. A device or a pipe that is there is written to as it is.
func WriteFrom(path string, r io.Reader, perm fs.FileMode, force bool) (int64, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return copyTo(path, os.O_WRONLY, r, perm)
	}
	if err := checkTarget(path, force); err != nil {
		return 0, err
	}
	s := &stagedFile{File: File{Path: path, Perm: perm}, target: path, force: force}
	if real, err := filepath.EvalSymlinks(path); err == nil && force {
		s.target = real
	}
	s.temp = s.sibling()
	defer s.finish(false)
	n, err := copyTo(s.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, r, perm)
	if err != nil {
		return n, err
	}
	return n, s.place()
}

// copyTo writes what r gives to a file and syncs it. An error of r is returned as
// it is.
func copyTo(path string, flags int, r io.Reader, perm fs.FileMode) (int64, error) {
	f, err := os.OpenFile(path, flags, perm)
	if err != nil {
		return 0, because("write", path, err)
	}
	n, err := io.Copy(f, r)
	if flags&os.O_CREATE != 0 && err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return n, err
}
