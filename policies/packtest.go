package policies

// testFile is one _test.yaml.
type testFile struct {
	At at
}
