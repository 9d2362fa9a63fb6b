package main

// showConfigCmd shows every setting, and which file, variable or flag it comes
// from.
type showConfigCmd struct{}

// settingJSON is one setting as it is shown. A secret is not: Set says whether
// there is one.
type settingJSON struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
	Set   bool   `json:"set"`
	From  string `json:"from,omitempty"` // default, credentials, a file, a variable or a flag
}

// Run prints the settings.
func (showConfigCmd) Run(s *session) error {
	c, err := s.configured()
	if err != nil {
		return err
	}
	list := c.shown()
	if s.json {
		return s.writeJSON(map[string]any{"file": c.file, "settings": list})
	}
	rows := make([][]string, len(list))
	for i, t := range list {
		value, from := t.Value, t.From
		switch {
		case t.Set && value == "":
			value = s.t("set, not shown")
		case !t.Set:
			value = "-"
		}
		if from == fromDefault || from == fromCredentials {
			from = s.t("from " + from)
		}
		if t.Key == "privacy.retention_years" && s.retention().ToVerify {
			value += " [to_verify]" // no law that we could cite
		}
		rows[i] = []string{t.Key, value, from}
	}
	s.grid([]column{{head: s.t("setting")}, {head: s.t("value"), max: 44}, {head: s.t("from where"), max: 30}}, rows)
	if c.file == "" {
		s.printf("\n%s\n", s.t("no config file", configNames[0]))
	}
	return nil
}

// shown are the settings without their secrets. A connection string is never
// shown, also where no password is seen in it: how a server is reached is for
// those who run it. A path of the read models is.
func (c *config) shown() []settingJSON {
	list := make([]settingJSON, len(settings))
	for i, t := range settings {
		v := c.get(t.key)
		list[i] = settingJSON{Key: t.key, Value: v, Set: v != "", From: c.from[t.key]}
		if t.secret != "" && !isPath(v) {
			list[i].Value = ""
		}
	}
	return list
}
