package main

import "leeway/domain"

// identityWords are about who people are: the provider, and the logins of the
// demo.
var identityWords = map[string]domain.Text{
	"identity without issuer": w("设置了 %s，但没有 identity.issuer", "%s is set, and identity.issuer is not"),
	"give issuer":             w("设置 identity.issuer 为身份提供方发现文档中的地址，或去掉其他 identity 设置", "set identity.issuer to the address in the provider's discovery document, or take the other settings of identity away"),

	"help --no-serve":     w("演示后结束，不启动本机页面服务", "end after the samples, serve nothing"),
	"demo at":             w("演示服务在 %s，只对本机开放。", "The demo is served at %s, to this machine alone."),
	"demo anybody":        w("演示中任何人都可以以下列任一身份登录，无须口令；不要放入真实数据。", "In the demo everybody may sign in as any of these, without a password; put no real data in."),
	"demo end":            w("按 Ctrl-C 结束。", "Ctrl-C ends it."),
	"demo served already": w("示例已由进程 %d 提供服务，不再另行启动。", "The samples are served by process %d already; nothing more was started."),
	"role":                w("角色", "role"),
	"login":               w("登录名", "login"),
}
