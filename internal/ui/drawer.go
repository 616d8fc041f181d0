package ui

// Drawer is a result: a struct with JSON tags that draws itself for a person.
type Drawer interface{ Draw(p *Printer) }

// Formatter is a result that has more forms than text and JSON.
type Formatter interface {
	// Format returns the result in the named form, ending in a newline.
	Format(name string) string
}
