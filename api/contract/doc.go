// Package contract is what follows from openapi.yaml: the parameters and the
// interface that the server answers, and the routes that lead to it. Its other
// file is generated and never edited.
package contract

//go:generate go tool oapi-codegen -config server.yaml ../openapi.yaml
//go:generate go tool oapi-codegen -config client.yaml ../openapi.yaml
