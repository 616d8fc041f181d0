package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestWriteMakesAPrivateFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key.jwk")
	if err := Write(path, []byte("secret"), 0o600, false); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "secret" {
		t.Errorf("the file holds %q", got)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %o", info.Mode().Perm())
	}
	wantNames(t, dir, "key.jwk")
}

func TestWriteNeverReplacesWithoutForce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key.jwk")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := Write(path, []byte("new"), 0o600, false)
	var exists *ExistsError
	if !errors.As(err, &exists) || exists.Path != path || !errors.Is(err, fs.ErrExist) {
		t.Fatalf("Write over a file = %v", err)
	}
	if !strings.Contains(exists.HintText(), "--force") {
		t.Errorf("the hint is %q", exists.HintText())
	}
	if got := content(t, path); got != "old" {
		t.Errorf("the file holds %q", got)
	}
	wantNames(t, dir, "key.jwk")

	if err := Write(path, []byte("new"), 0o600, true); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "new" {
		t.Errorf("with force the file holds %q", got)
	}
	info, _ := os.Stat(path)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("with force the mode is %o", info.Mode().Perm())
	}
	wantNames(t, dir, "key.jwk")
}

func TestOnlyOneOfManyWritersWins(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	var wins sync.Map
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if err := Write(path, []byte{byte('a' + i)}, 0o600, false); err == nil {
				wins.Store(string(rune('a'+i)), true)
			} else if !errors.Is(err, fs.ErrExist) {
				t.Errorf("a writer that lost: %v", err)
			}
		})
	}
	wg.Wait()
	n := 0
	wins.Range(func(k, _ any) bool {
		n++
		if content(t, path) != k {
			t.Errorf("%q won, the file holds %q", k, content(t, path))
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d writers won", n)
	}
	wantNames(t, dir, "key")
}

func TestWriteRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{dir, filepath.Join(dir, "missing", "key"), filepath.Join(file, "key"), ""}
	if runtime.GOOS != "windows" {
		paths = append(paths, os.DevNull)
	}
	for _, path := range paths {
		for _, force := range []bool{false, true} {
			err := Write(path, []byte("x"), 0o600, force)
			var p *PathError
			if !errors.As(err, &p) || p.Path != path || p.Machine() {
				t.Errorf("Write(%q, force %v) = %v", path, force, err)
			}
		}
	}
	wantNames(t, dir, "file")
}

func TestWriteKeepsALink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", link); err != nil {
		return // no links here
	}
	if err := Write(link, []byte("new"), 0o600, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Write over a link = %v", err)
	}
	if err := Write(link, []byte("new"), 0o600, true); err != nil {
		t.Fatal(err)
	}
	if got := content(t, real); got != "new" {
		t.Errorf("the target holds %q", got)
	}
	wantNames(t, dir, "link", "real")
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "dangling"), nil, 0o600, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Write over a dangling link = %v", err)
	}
}

func TestWriteFailsWithoutATraceInAFolderThatIsReadOnly(t *testing.T) {
	dir := t.TempDir()
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		return // the mode of a folder binds others only
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if err := Write(filepath.Join(dir, "key"), nil, 0o600, false); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Write into a read-only folder = %v", err)
	}
	wantNames(t, dir)
}

func TestWritePairWritesBothOrNone(t *testing.T) {
	for _, force := range []bool{false, true} {
		dir := t.TempDir()
		key := File{filepath.Join(dir, "c-key.pem"), []byte("key"), 0o600}
		cert := File{filepath.Join(dir, "c.pem"), []byte("cert"), 0o644}
		if err := WritePair(key, cert, force); err != nil {
			t.Fatal(err)
		}
		if content(t, key.Path) != "key" || content(t, cert.Path) != "cert" {
			t.Error("the files hold something else")
		}
		wantNames(t, dir, "c-key.pem", "c.pem")
	}
}

func TestWritePairLooksForBothNamesFirst(t *testing.T) {
	for _, there := range []string{"c-key.pem", "c.pem"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, there), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		key := File{filepath.Join(dir, "c-key.pem"), []byte("key"), 0o600}
		cert := File{filepath.Join(dir, "c.pem"), []byte("cert"), 0o644}
		var exists *ExistsError
		if err := WritePair(key, cert, false); !errors.As(err, &exists) || filepath.Base(exists.Path) != there {
			t.Errorf("WritePair where %s exists = %v", there, err)
		}
		wantNames(t, dir, there)
		if err := checkTarget(filepath.Join(dir, there), false); !errors.As(err, &exists) {
			t.Errorf("%s may be replaced before anything is written: %v", there, err)
		}
		if err := WritePair(key, cert, true); err != nil {
			t.Fatal(err)
		}
		wantNames(t, dir, "c-key.pem", "c.pem")
	}
	same := File{Path: filepath.Join(t.TempDir(), "x")}
	if err := checkTarget(filepath.Join(t.TempDir(), "x"), false); err != nil {
		t.Error(err)
	}
	if err := checkTarget(t.TempDir()+"/.", true); err == nil {
		t.Error("a folder may be replaced")
	}
	if err := WritePair(same, same, true); err == nil || Exists(same.Path) {
		t.Errorf("a pair of one name = %v", err)
	}
}

func TestWritePairRollsBack(t *testing.T) {
	for _, old := range []string{"", "old"} {
		dir := t.TempDir()
		key := File{filepath.Join(dir, "key"), []byte("new"), 0o600}
		cert := File{filepath.Join(dir, "cert"), []byte("new"), 0o600}
		if old != "" {
			if err := os.WriteFile(key.Path, []byte(old), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var staged []*stagedFile
		for _, f := range []File{key, cert} {
			s, err := stage(f, true)
			if err != nil {
				t.Fatal(err)
			}
			s.keep = true
			staged = append(staged, s)
		}
		// The second file's temporary name is lost, so that its rename fails.
		if err := os.Remove(staged[1].temp); err != nil {
			t.Fatal(err)
		}
		if err := placeAll(staged); err == nil {
			t.Fatal("a file without content was put in place")
		}
		if old == "" {
			wantNames(t, dir)
			continue
		}
		wantNames(t, dir, "key")
		if got := content(t, key.Path); got != old {
			t.Errorf("the key that was there is now %q", got)
		}
	}
}

func TestAFileMadeMeanwhileIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	var staged []*stagedFile
	for _, name := range []string{"key", "cert"} {
		s, err := stage(File{filepath.Join(dir, name), []byte("new"), 0o600}, false)
		if err != nil {
			t.Fatal(err)
		}
		staged = append(staged, s)
	}
	if err := os.WriteFile(filepath.Join(dir, "cert"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	var exists *ExistsError
	if err := placeAll(staged); !errors.As(err, &exists) || exists.Path != staged[1].Path {
		t.Errorf("placing over a file = %v", err)
	}
	wantNames(t, dir, "cert")
	if got := content(t, filepath.Join(dir, "cert")); got != "theirs" {
		t.Errorf("the file of the other holds %q", got)
	}
}

func TestWhereThereAreNoLinksTheContentIsCopied(t *testing.T) {
	dir := t.TempDir()
	s, err := stage(File{filepath.Join(dir, "key"), []byte("new"), 0o600}, false)
	if err != nil {
		t.Fatal(err)
	}
	s.Data = nil // a stream has none: what was staged is what counts
	noLinks := func(string, string) error { return errors.ErrUnsupported }
	if err := s.linkBy(noLinks); err != nil || content(t, s.Path) != "new" {
		t.Errorf("copying instead of linking = %v", err)
	}
	var exists *ExistsError
	if err := s.linkBy(noLinks); !errors.As(err, &exists) {
		t.Errorf("copying over a file = %v", err)
	}
	s.finish(false)
	wantNames(t, dir, "key")
}
