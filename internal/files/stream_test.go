package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func TestWriteFromLeavesNothingOfAStreamThatBreaksOff(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "body")
	broken := errors.New("reset")
	_, err := WriteFrom(path, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), 0o644, false)
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteFromReplacesOnlyWithForce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "body")
	if n, err := WriteFrom(path, strings.NewReader("one"), 0o644, false); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if _, err := WriteFrom(path, strings.NewReader("two"), 0o644, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if _, err := WriteFrom(path, strings.NewReader("three"), 0o644, true); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "three" {
		t.Errorf("the file holds %q", b)
	}
}

func TestWriteFromWritesToADevice(t *testing.T) {
	if n, err := WriteFrom(os.DevNull, strings.NewReader("gone"), 0o644, false); err != nil || n != 4 {
		t.Error(n, err)
	}
}

func TestOpenTellsTheLength(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, n, err := Open(path)
	if err != nil || n != 5 {
		t.Fatal(n, err)
	}
	_ = f.Close()
	for _, bad := range []string{dir, filepath.Join(dir, "none")} {
		if _, _, err := Open(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestAppendLineLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record")
	if err := os.WriteFile(path, []byte("unfinished"), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := AppendLine(path, []byte("a line"), 0o600); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), "unfinished\n") || strings.Count(string(b), "a line\n") != 50 {
		t.Errorf("the file holds %q", b)
	}
}

func TestSameFileUnderAnotherName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for other, want := range map[string]bool{"key": true, "./key": true, dir + "/../" + filepath.Base(dir) + "/key": true, "other": false} {
		if Same(path, other) != want {
			t.Errorf("%s and %s: %v", path, other, !want)
		}
	}
	if !Same("none", "./none") {
		t.Error("one name of a file that is not there yet is not its own")
	}
}

func TestAForcedWriteGoesThroughALink(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "real"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteFrom(filepath.Join(dir, "link"), strings.NewReader("new"), 0o600, true); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "real")); string(b) != "new" {
		t.Errorf("the real file holds %q", b)
	}
}
