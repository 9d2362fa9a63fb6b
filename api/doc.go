// Package api is the HTTP side of Leeway: one table of routes and roles, the
// identity of whoever asks, handlers that hand commands to casework and answer
// reads from the read models, and one map from errors to answers. Pages and
// documents register their routes in the same table.
//
// # Life of a request
//
//  1. Logged gives it an id, writes one line about it and answers for a panic.
//  2. Limits hold before anything is read: rate, size, depth.
//  3. Who asks is found: by session cookie or by bearer token, never both. The
//     person, his post and his roles come from the directory, in every request
//     anew; a token or a session only names him.
//  4. The table of routes decides. A route without a row does not exist, a role
//     without a mark is refused.
//  5. The handler finds out whether the object is within the caller's scope:
//     what is not, is not there.
//  6. A command goes to casework, which decides and appends; the answer follows
//     the append.
//  7. A read of personal data is put on record first (Server.Saw). Nothing
//     leaves a route of personal data before that: the writer of the response
//     holds it, and where the record fails the answer is 503.
package api
