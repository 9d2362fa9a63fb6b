package ledger

import (
	"crypto/rand"
	"errors"
	"os"
	"path"
	"runtime"
)

// writeNew puts a whole file in place, durably, or gives fs.ErrExist and
// leaves what is there. A crash leaves at most a file with a random name.
func writeNew(dir *os.Root, name string, text []byte) error {
	temp, err := writeTemp(dir, name, text)
	if err != nil {
		return err
	}
	defer dir.Remove(temp)
	if err := dir.Link(temp, name); err != nil {
		return err
	}
	return syncDir(dir, path.Dir(name))
}

// replace puts a whole file in the place of another, durably. A reader sees
// the old one or the new one, and so does the next start after a crash.
func replace(dir *os.Root, name string, text []byte) error {
	temp, err := writeTemp(dir, name, text)
	if err != nil {
		return err
	}
	if err := dir.Rename(temp, name); err != nil {
		return errors.Join(err, dir.Remove(temp))
	}
	return syncDir(dir, path.Dir(name))
}

// writeTemp writes a whole file under a name that nothing reads, and returns
// it when the content is on stable storage. Only then may a name lead to it.
func writeTemp(dir *os.Root, name string, text []byte) (string, error) {
	temp := name + ".new-" + rand.Text()
	f, err := dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, dir.Remove(temp))
	}
	return temp, nil
}

// syncDir makes a new name in a folder durable. Windows cannot, and needs not.
func syncDir(dir *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := dir.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
