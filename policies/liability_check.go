package policies

import "leeway/domain"

// liability looks at every ground: what it cites and reads, and leaves that
// say nothing.
func (c *linter) liability() {
	l := &c.pack.liable
	for _, g := range c.pack.src.grounds {
		// The word of a person is read by the engine, not by an expression.
		if g.Confirmed != "" {
			c.used[g.Confirmed] = true
		}
		for _, v := range g.Versions {
			c.cites(v.Cite)
			// A counter-check that repeats a condition could never be reached.
			seen := map[string]string{}
			for _, x := range v.leaves() {
				c.cites(x.Cite)
				c.use(&x.Expr, domain.Say("condition %s", x.ID))
				text := x.Expr.text()
				if other, dup := seen[text]; dup {
					c.probs.add(x.At, "condition %s of ground %s repeats %s", "remove one of them", x.ID, g.ID, other)
				}
				seen[text] = x.ID
			}
		}
	}
	for _, f := range c.pack.src.findings {
		// What the ledger tells may go unread; people are not asked for nothing.
		if l.findings[f.Name].People && !c.used[f.Name] {
			c.probs.add(f.At, "finding %s is asked of people, and no ground reads it", "use it in a ground or remove it", f.Name)
		}
	}
	if len(c.pack.src.grounds) > 0 && len(c.pack.src.findings) == 0 {
		c.probs.add(c.pack.src.grounds[0].At, "grounds without findings", "write liability/schema.yaml")
	}
}
