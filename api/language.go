package api

import "github.com/labstack/echo/v4"

// Language is the language of a request, for pages that are open to everybody:
// what the address or the cookie says, then what the browser asks for, then
// Chinese.
func (s *Server) Language(c echo.Context) string { return s.language(c) }
