package dpop

import "strings"

// Normalize returns an htu or a request's URL in the form in which the two are
// compared: without query and fragment, and by RFC 3986 section 6.2.2 and 6.2.3.
// Nothing else is made equal: a server could route it apart.
func Normalize(htu string) (string, error) {
	// "To reduce the likelihood of false negatives, servers SHOULD employ
	// syntax-based normalization (Section 6.2.2 of [RFC3986]) and scheme-based
	// normalization (Section 6.2.3 of [RFC3986]) before comparing the htu claim."
	// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	t, err := split(htu)
	if err != nil {
		return "", err
	}
	return t.origin() + normalizePath(t.path), nil
}

func normalizePath(path string) string {
	return removeDotSegments(normalizeEscapes(path))
}

// normalizeEscapes: "URIs should be normalized by decoding any percent-encoded
// octet that corresponds to an unreserved character"; the digits of the others
// become upper case. Reserved characters stay as they are: %2F is not a slash.
// https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.2
func normalizeEscapes(path string) string {
	if strings.IndexByte(path, '%') < 0 {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			b = append(b, path[i])
			continue
		}
		c := byte(unhex(path[i+1])<<4 | unhex(path[i+2]))
		if unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
		i += 2
	}
	return string(b)
}

// removeDotSegments is remove_dot_segments for a path that begins with a slash.
// Empty segments are segments. https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4
func removeDotSegments(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, s)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}
