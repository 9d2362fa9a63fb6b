package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/yaml"

	"leeway/eventstore/esdb"
)

// The files of deploy/ cannot be run where there is neither systemd nor a
// container. What they say of the program is held against the program here.

func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// found are the first groups of all matches, of which there must be some.
func found(t *testing.T, name, expression string) (list []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(deployed(t, name), -1) {
		list = append(list, m[1])
	}
	if len(list) == 0 {
		t.Fatalf("deploy/%s has nothing of the form %s", name, expression)
	}
	return list
}

// leewayService is the part of compose.yaml that starts the program.
func leewayService(t *testing.T) map[string]any {
	t.Helper()
	all, err := yaml.Parser().Unmarshal([]byte(deployed(t, "compose.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	services, _ := all["services"].(map[string]any)
	service, ok := services["leeway"].(map[string]any)
	if !ok {
		t.Fatal("compose.yaml has no service leeway")
	}
	return service
}

// TestDeployedVariables: every LEEWAY_ variable that a file sets is a setting.
func TestDeployedVariables(t *testing.T) {
	known := []string{"LEEWAY_CONFIG"}
	for _, s := range settings {
		known = append(known, s.variable())
	}
	for _, name := range []string{"Dockerfile", "compose.yaml", "leeway.service"} {
		for _, v := range found(t, name, `(LEEWAY_[A-Z_]+)`) {
			if !slices.Contains(known, v) {
				t.Errorf("deploy/%s sets %s, which is no setting", name, v)
			}
		}
	}
	kind, _ := leewayService(t)["environment"].(map[string]any)["LEEWAY_STORE_KIND"].(string)
	if kind != kindServer {
		t.Errorf("compose.yaml keeps events in %q, want %q", kind, kindServer)
	}
}

// TestDeployedCommands: every command line that a file gives, with its flags, is
// one that the program takes.
func TestDeployedCommands(t *testing.T) {
	lines := found(t, "leeway.service", `(?m)^ExecStart=/usr/local/bin/leeway (.*)$`)
	for _, c := range found(t, "Dockerfile", `(?m)^CMD \[(.*)\]$`) {
		lines = append(lines, strings.NewReplacer(`"`, "", ",", "").Replace(c))
	}
	if c, ok := leewayService(t)["command"]; ok {
		lines = append(lines, strings.Trim(fmt.Sprint(c), "[]"))
	}
	// In README.md a command of the program follows the one that starts it.
	lines = append(lines, found(t, "README.md", "(?m)(?:-- leeway|leeway /leeway) ([^`\n]*)")...)
	if len(lines) != 4 {
		t.Fatalf("only %q", lines)
	}
	for _, line := range lines {
		k, err := kong.New(new(grammar), kong.Name("leeway"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Parse(strings.Fields(line)); err != nil {
			t.Errorf("deploy says leeway %s: %v", line, err)
		}
	}
}

// TestDeployedSecrets: what is handed over as a credential has a name by which
// the program looks for it.
func TestDeployedSecrets(t *testing.T) {
	names := found(t, "leeway.service", `(?m)^#?LoadCredential=([^:]+):`)
	secrets, _ := leewayService(t)["secrets"].([]any)
	for _, s := range secrets {
		names = append(names, fmt.Sprint(s))
	}
	for _, name := range names {
		if _, ok := credentials[name]; !ok {
			t.Errorf("a credential is called %q, and nothing looks for it", name)
		}
	}
	for _, want := range []string{"store-connection", "projections-database"} {
		if n := len(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s != want })); n != 2 {
			t.Errorf("%s is handed over by %d of the unit and compose.yaml", want, n)
		}
	}
}

// TestDeployedConnection: the connection string of README.md is one that the
// program takes, with the authority that compose.yaml makes.
func TestDeployedConnection(t *testing.T) {
	const inside = "/certs/ca/ca.crt"
	volumes := fmt.Sprint(leewayService(t)["volumes"])
	if !strings.Contains(volumes, "certificates:/certs:ro") || !strings.Contains(deployed(t, "compose.yaml"), "ca/ca.crt") {
		t.Errorf("the service leeway does not see the certificates: %s", volumes)
	}
	file, err := os.ReadFile(eventServerTLS(t))
	if err != nil {
		t.Fatal(err)
	}
	_, ca, _ := strings.Cut(strings.TrimSpace(string(file)), "tlsCAFile=")
	for _, connection := range found(t, "README.md", "(esdb[^`\\s]*://[^`\\s]+)") {
		if !strings.Contains(connection, inside) {
			t.Errorf("%s has no authority in %s", connection, inside)
		}
		s, err := esdb.Open(esdb.Config{Connection: strings.Replace(connection, inside, ca, 1)})
		if err != nil {
			t.Errorf("%s: %v", connection, err)
			continue
		}
		s.Close()
	}
}

// TestDeployedNumbers: numbers and paths that stand in two places are the same,
// and a stop has the time that it takes.
func TestDeployedNumbers(t *testing.T) {
	service := leewayService(t)
	user, _, _ := strings.Cut(found(t, "Dockerfile", `(?m)^USER (.*)$`)[0], ":")
	data := found(t, "Dockerfile", `(?m)^ENV LEEWAY_DATA=(.*)$`)[0]
	for _, same := range [][2]string{
		{found(t, "Dockerfile", `--chown=(\d+):`)[0], user},
		{found(t, "Dockerfile", `(?m)^VOLUME (.*)$`)[0], data},
		{fmt.Sprint(strings.Contains(fmt.Sprint(service["volumes"]), "data:"+data+" ")), "true"},
		{found(t, "compose.yaml", `chown (\d+) store-connection`)[0], user},
		{found(t, "README.md", `chown (\d+) store-connection`)[0], user},
		{"/var/lib/" + found(t, "leeway.service", `(?m)^StateDirectory=(.*)$`)[0], found(t, "leeway.service", `(?m)^Environment=LEEWAY_DATA=(.*)$`)[0]},
		{"/var/lib/" + found(t, "leeway.service", `(?m)^StateDirectory=(.*)$`)[0], found(t, "README.md", `--data (\S+)`)[0]},
		{found(t, "leeway.service", `(?m)^RestartPreventExitStatus=(.*)$`)[0], fmt.Sprint(exitUsage, " ", exitInvalid)},
	} {
		if same[0] != same[1] {
			t.Errorf("deploy says %q here and %q there", same[0], same[1])
		}
	}
	seconds, err := strconv.Atoi(found(t, "leeway.service", `(?m)^TimeoutStopSec=(\d+)$`)[0])
	grace, err2 := time.ParseDuration(fmt.Sprint(service["stop_grace_period"]))
	if err != nil || err2 != nil || min(time.Duration(seconds)*time.Second, grace) <= stopTime {
		t.Errorf("a stop takes up to %v and gets %d s from systemd, %v from compose", stopTime, seconds, grace)
	}
	readme := deployed(t, "README.md")
	for _, name := range []string{"compose.yaml", "Dockerfile"} {
		if !regexp.MustCompile("(?m)^\\| `" + name + "` .*\\*\\*untested\\*\\*").MatchString(readme) {
			t.Errorf("README.md does not say that %s is untested", name)
		}
	}
}
