//go:build !windows

package files

import (
	"errors"
	"os"
	"syscall"
)

// WorldReadable reports whether others than the owner can read a file. Pipes and
// the like are never world-readable.
func WorldReadable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0
}

// syncFolder makes the names in a folder durable. Some file systems cannot: that
// is no reason to say that the file was not written.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return because("sync folder", dir, err)
	}
	defer f.Close()
	err = f.Sync()
	if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, os.ErrPermission) {
		return because("sync folder", dir, err)
	}
	return nil
}
