package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// names lists a folder, temporary files included.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := names(t, dir); !reflect.DeepEqual(got, append([]string{}, want...)) {
		t.Errorf("the folder holds %q, not %q", got, want)
	}
}

func TestReadIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := Read(path, 5); err != nil || string(b) != "12345" {
		t.Errorf("Read at the limit = %q, %v", b, err)
	}
	var large *TooLargeError
	if _, err := Read(path, 4); !errors.As(err, &large) || large.Limit != 4 || !strings.Contains(err.Error(), "value") {
		t.Errorf("Read over the limit: %v", err)
	}
}

func TestReadNamesWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		_, err := Read(path, 10)
		var p *PathError
		if !errors.As(err, &p) || p.Path != path || p.Machine() {
			t.Errorf("Read(%q) = %v, not a *PathError of that path", path, err)
		}
		if n := strings.Count(err.Error(), filepath.Base(path)); n != 1 {
			t.Errorf("the message names the file %d times: %v", n, err)
		}
	}
	if _, err := Read(filepath.Join(dir, "missing"), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file is not fs.ErrNotExist: %v", err)
	}
}

func TestReadTakesAPipe(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // pipes have paths here only
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("through a pipe"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	path := filepath.Join("/proc/self/fd", strconv.Itoa(int(r.Fd())))
	if b, err := Read(path, 100); err != nil || string(b) != "through a pipe" {
		t.Errorf("Read of a pipe = %q, %v", b, err)
	}
	if WorldReadable(path) {
		t.Error("a pipe is said to be world-readable")
	}
}

func TestPathErrorTellsTheMachinesFault(t *testing.T) {
	full := because("write", "x", &fs.PathError{Op: "write", Path: "/other", Err: syscall.ENOSPC})
	var p *PathError
	if !errors.As(full, &p) || !p.Machine() {
		t.Errorf("%v is not the machine's fault", full)
	}
	if strings.Contains(full.Error(), "other") {
		t.Errorf("the message names the temporary file: %v", full)
	}
	denied := because("write", "x", &os.LinkError{Op: "link", Old: "a", New: "b", Err: syscall.EACCES})
	if !errors.As(denied, &p) || p.Machine() || strings.Contains(denied.Error(), "link") {
		t.Errorf("%v is not the path's fault alone", denied)
	}
}

func TestWorldReadable(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[fs.FileMode]bool{0o600: false, 0o640: true, 0o604: true, 0o400: false, 0o711: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got := WorldReadable(path); got != want {
			t.Errorf("WorldReadable with %o = %v", mode, got)
		}
	}
	if WorldReadable(path + ".missing") {
		t.Error("a missing file is world-readable")
	}
}

func TestMkdirPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := MkdirPrivate(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		info, err := os.Stat(d)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%q has mode %o", d, info.Mode().Perm())
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MkdirPrivate(file); err == nil {
		t.Error("a file passes for a folder")
	}
	if err := MkdirPrivate(filepath.Join(file, "below")); err == nil {
		t.Error("a folder was made below a file")
	}
}

func TestListGivesRegularFilesSorted(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"b", "a", "c"} {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")}
	if os.Symlink("a", filepath.Join(dir, "link")) == nil {
		want = append(want, filepath.Join(dir, "link"))
		_ = os.Symlink("nowhere", filepath.Join(dir, "dangling"))
	}
	got, err := List(dir)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("List = %q, %v; want %q", got, err, want)
	}
	if _, err := List(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("List of a missing folder: %v", err)
	}
}
