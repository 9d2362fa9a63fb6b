package replay

// RunThorough is Run without the shortcut for readings that cannot differ.
func RunThorough(in Input) (*Report, error) {
	in.thorough = true
	return Run(in)
}
