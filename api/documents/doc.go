// Package documents writes what leaves the ledger on paper and in files: the
// determination 认定书, the due-diligence file 尽职档案 and the history of a case
// as PDF in the layout of official documents (GB/T 9704-2012), lists as CSV and
// XLSX, and the workbook by which offices that keep spreadsheets bring their
// cases in.
//
// A document is first built as data (Document), so that a terminal, a page and
// a printer show the same words. Nothing here reads a clock: the same record
// gives the same bytes on any day.
package documents
