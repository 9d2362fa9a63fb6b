package names

// saidSimulate is the Chinese of what the maker of made-up cities says.
var saidSimulate = map[string]string{
	"a scale of %d per cent": "规模为百分之 %d",
}
