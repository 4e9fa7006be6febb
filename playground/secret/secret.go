// Package secret overwrites, in the bytes of a connection, what lets people in:
// cookies, passwords, keys and tokens. What is overwritten keeps its length, and
// all around it stays as it was, so that the bytes can still be read as what
// they are.
//
// Each byte of a secret becomes an asterisk. In a header block of HTTP/2 that is
// packed with the Huffman code, some of them become other [fillers], so that the
// block is as long as before, packed and unpacked.
//
// A value that looks like that has been covered: where this package looks for
// secrets it leaves no other, whatever was there before. Only of bytes that
// never came through it this can't be said.
//
// Bodies, events and WebSocket messages are left as they are.
package secret

import "strings"

// A Kind says what a header carries, and so which part of it is secret.
type Kind string

const (
	Cookie        Kind = "cookie"        // the values of cookies (RFC 6265 §4.2)
	SetCookie     Kind = "set_cookie"    // the value of the cookie, not its attributes (RFC 6265 §4.1)
	Authorization Kind = "authorization" // what comes after the scheme (RFC 9110 §11.4)
	Key           Kind = "key"           // all of it
	Address       Kind = "address"       // of a URL, the values of some of its query's parameters
	Protocol      Kind = "protocol"      // a token among the names of subprotocols (RFC 6455 §11.3.4)
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Cookie, SetCookie, Authorization, Key, Address, Protocol} }

// headers are those whose names alone don't tell, in lower case. Another one is
// a line here, and so is one that has a name of [secretWords] and no secret.
var headers = map[string]Kind{
	"cookie":                 Cookie,
	"cookie2":                Cookie,
	"set-cookie":             SetCookie,
	"set-cookie2":            SetCookie,
	"authorization":          Authorization,
	"proxy-authorization":    Authorization,
	"sec-websocket-protocol": Protocol,

	":path":            Address,
	"referer":          Address,
	"location":         Address,
	"content-location": Address,
	"refresh":          Address,
	"link":             Address,
	"x-original-url":   Address,
	"x-original-uri":   Address,
	"x-rewrite-url":    Address,
	"x-forwarded-uri":  Address,

	"dpop":             Key, // RFC 9449
	"x-amzn-oidc-data": Key, // a JSON Web Token

	"sec-websocket-key":   "", // no key to anything (RFC 6455 §1.3)
	"idempotency-key":     "",
	"x-idempotency-key":   "",
	"surrogate-key":       "",
	"sec-token-binding":   Key,
	"authentication-info": Key,
}

// secretWords make a secret of a header, or of a parameter of a query, whose
// name has one of them among its words, such as X-Api-Key and access_token.
var secretWords = []string{
	"token", "key", "secret", "password", "passwd", "passphrase", "pwd", "pass",
	"auth", "oauth", "authorization", "bearer", "credential", "jwt", "assertion",
	"session", "sid", "signature", "sig", "hmac", "otp", "ticket", "passcode", "csrf", "xsrf",
}

// secretEnds do the same where a word ends with one of them, such as apikey and
// x-amzn-oidc-accesstoken.
var secretEnds = []string{
	"token", "secret", "password", "apikey", "authkey", "accesskey", "secretkey", "privatekey", "sessionid", "sessid",
}

// secretStarts do the same for headers whose names start with one of them.
var secretStarts = []string{"cf-access-"}

// KindOf says what a header carries, by its name in lower case; "" for nothing
// that is secret.
func KindOf(name string) Kind {
	if kind, known := headers[name]; known {
		return kind
	}
	for _, start := range secretStarts {
		if strings.HasPrefix(name, start) {
			return Key
		}
	}
	if isSecretName(name) {
		return Key
	}
	return ""
}

// isSecretName tells by its words whether a name is one of a secret.
func isSecretName(name string) bool {
	for word := range words(name) {
		for _, secret := range secretWords {
			if strings.EqualFold(word, secret) {
				return true
			}
		}
		for _, end := range secretEnds {
			if len(word) >= len(end) && strings.EqualFold(word[len(word)-len(end):], end) {
				return true
			}
		}
	}
	return false
}

// words yields the words of a name: access_token and accessToken have two.
func words(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := range len(name) + 1 {
			switch {
			case i == len(name), !isLetterOrDigit(name[i]):
				if start < i && !yield(name[start:i]) {
					return
				}
				start = i + 1
			case i > start && isUpper(name[i]) && !isUpper(name[i-1]):
				if !yield(name[start:i]) {
					return
				}
				start = i
			}
		}
	}
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isLetterOrDigit(c byte) bool {
	return isUpper(c) || 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}
