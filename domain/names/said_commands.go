package names

// saidCommands is the Chinese of what commands refuse by a guard.
var saidCommands = map[string]string{
	"read your own part with review show": "用 review show 查看本人部分",
	"the document speaks of others too":   "认定书载有他人情况",
}
