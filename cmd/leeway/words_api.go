package main

import "leeway/domain"

// apiWords are about who may sign in and about the pages.
var apiWords = map[string]domain.Text{
	"people file open":  w("人员名录对他人可写（权限 %04o）", "the file of people can be written by others (mode %04o)"),
	"close people file": w("收回他人的写入权限：chmod go-w %s", "take the right to write from others: chmod go-w %s"),
}
