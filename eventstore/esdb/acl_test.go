package esdb

import (
	"errors"
	"reflect"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"leeway/eventstore"
	"leeway/eventstore/esdbserver"
)

// TestDefaultACL: without settings everybody may delete; with settings that
// say otherwise nobody who is not named.
func TestDefaultACL(t *testing.T) {
	s, n := openOver(t, esdbserver.Options{})
	acl, err := s.DefaultACL(t.Context())
	if err != nil || !acl.Erasable() {
		t.Errorf("without settings = %+v, %v, want erasable", acl, err)
	}
	for _, c := range []struct {
		settings string
		erasable bool
	}{
		{`{"$userStreamAcl":{"$r":"$all","$w":"$all","$d":"$all","$mr":"$all","$mw":"$all"}}`, true},
		{`{"$userStreamAcl":{"$r":"leeway","$w":"leeway","$d":"$admins","$mr":"leeway","$mw":["ops","$all"]}}`, true},
		{`{"$userStreamAcl":{"$r":"leeway","$w":["leeway"],"$d":["$admins"],"$mr":["leeway"],"$mw":"$admins"}}`, false},
		{`{"$userStreamAcl":{"$d":[]}}`, true}, // metadata stays open
	} {
		putSettings(t, n.address, c.settings)
		acl, err := s.DefaultACL(t.Context())
		if err != nil || acl.Erasable() != c.erasable {
			t.Errorf("%s = %+v, %v, want erasable %t", c.settings, acl, err, c.erasable)
		}
	}
	putSettings(t, n.address, `{"$userStreamAcl":{"$r":["a","b"],"$w":["c"],"$d":"d","$mr":["e"],"$mw":["f","g"]}}`)
	want := ACL{[]string{"a", "b"}, []string{"c"}, []string{"d"}, []string{"e"}, []string{"f", "g"}}
	if acl, err := s.DefaultACL(t.Context()); err != nil || !reflect.DeepEqual(acl, want) {
		t.Errorf("DefaultACL = %+v, %v, want %+v", acl, err, want)
	}
	putSettings(t, n.address, `{"$userStreamAcl":{"$d":7}}`)
	if _, err := s.DefaultACL(t.Context()); err == nil {
		t.Error("settings that cannot be read are taken")
	}
}

// putSettings writes settings the way an admin does.
func putSettings(t *testing.T, address, text string) {
	t.Helper()
	conf, err := esdb.ParseConnectionString("esdb://" + address + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	c, err := esdb.NewClient(conf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.AppendToStream(t.Context(), "$settings", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}},
		esdb.EventData{EventType: "update", ContentType: esdb.ContentTypeJson, Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWritableWritesNothing: the probe is answered, and leaves no trace.
func TestWritableWritesNothing(t *testing.T) {
	s, n := openOver(t, esdbserver.Options{})
	mustAppend(t, s, batch("s", eventstore.NoStream, "0"))
	if err := s.Writable(t.Context()); err != nil {
		t.Errorf("Writable = %v", err)
	}
	if got := len(mustCollect(t, n.store.All(t.Context(), eventstore.Start))); got != 1 {
		t.Errorf("the server holds %d events after the probe, want 1", got)
	}
	s.Close()
	if err := s.Writable(t.Context()); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("Writable of a closed store = %v, want ErrClosed", err)
	}
	if _, err := s.DefaultACL(t.Context()); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("DefaultACL of a closed store = %v, want ErrClosed", err)
	}
}

// TestDenied: a user without rights is told so, and not that nothing is wrong.
func TestDenied(t *testing.T) {
	s, _ := openOver(t, esdbserver.Options{Users: map[string]string{"admin": "x"}})
	if err := s.Writable(t.Context()); !errors.Is(err, eventstore.ErrDenied) {
		t.Errorf("Writable = %v, want ErrDenied", err)
	}
	if _, err := s.DefaultACL(t.Context()); !errors.Is(err, eventstore.ErrDenied) {
		t.Errorf("DefaultACL = %v, want ErrDenied", err)
	}
}
