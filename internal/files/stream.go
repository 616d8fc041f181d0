package files

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// AppendLine adds a line to a file, in one write, so that two processes that do so
// at a time lose nothing. A line that an earlier process left unfinished stays one
// of its own.
func AppendLine(path string, line []byte, perm fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, perm)
	if err != nil {
		return because("write", path, err)
	}
	line = append(slices.Clone(line), '\n')
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	_, err = f.Write(line)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return because("write", path, err)
	}
	return nil
}
