package check

import (
	"maps"
	"slices"
)

// An outcome is what can be found, with the lesson that is about it.
type outcome struct {
	verdict Verdict
	lesson  string
}

var outcomes = map[string]outcome{
	"reach.failed":      {Wrong, "measure"},
	"reach.plain":       {Wrong, "in-between"},
	"reach.tls":         {Wrong, "in-between"},
	"reach.certificate": {Wrong, "six"},

	"redirected":       {Advice, "reconnect"},
	"status.ok":        {Good, "event-stream"},
	"status.done":      {Advice, "reconnect"},
	"status.other":     {Wrong, "reconnect"},
	"type.ok":          {Good, "event-stream"},
	"type.other":       {Wrong, "event-stream"},
	"type.missing":     {Wrong, "event-stream"},
	"charset.other":    {Wrong, "event-stream"},
	"cache.ok":         {Good, "in-between"},
	"cache.missing":    {Advice, "in-between"},
	"accel.ok":         {Good, "in-between"},
	"accel.missing":    {Advice, "in-between"},
	"cors.none":        {Advice, "strangers"},
	"cors.any":         {Good, "strangers"},
	"cors.echoed":      {Wrong, "strangers"},
	"preflight.ok":     {Good, "strangers"},
	"preflight.none":   {Advice, "strangers"},
	"head.first":       {Good, "event-stream"},
	"head.waits":       {Advice, "one-way"},
	"events.none":      {Unknown, "in-between"},
	"flow.each":        {Good, "in-between"},
	"flow.burst":       {Wrong, "in-between"},
	"format.ok":        {Good, "event-stream"},
	"format.violation": {Wrong, "event-stream"},
	"format.ignored":   {Advice, "event-stream"},
	"format.cut":       {Wrong, "event-stream"},
	"beat.seen":        {Good, "silence"},
	"beat.silent":      {Advice, "silence"},
	"beat.unknown":     {Unknown, "silence"},
	"id.all":           {Good, "reconnect"},
	"id.none":          {Advice, "reconnect"},
	"retry.set":        {Good, "reconnect"},
	"retry.none":       {Advice, "many"},
	"retry.long":       {Advice, "reconnect"},
	"resume.ok":        {Good, "reconnect"},
	"resume.lost":      {Wrong, "reconnect"},
	"resume.again":     {Wrong, "reconnect"},
	"resume.new":       {Wrong, "reconnect"},
	"resume.unknown":   {Unknown, "reconnect"},
	"end.open":         {Good, "event-stream"},
	"end.clean":        {Advice, "reconnect"},
	"end.broken":       {Wrong, "reconnect"},
	"after.done":       {Good, "reconnect"},
	"after.again":      {Advice, "reconnect"},
	"compress.none":    {Good, "in-between"},
	"compress.flows":   {Good, "in-between"},
	"compress.holds":   {Wrong, "in-between"},
	"h2.ok":            {Good, "six"},
	"h2.none":          {Advice, "six"},
	"left.unknown":     {Unknown, "pressure"},

	"ws.status.ok":          {Good, "frames"},
	"ws.status.other":       {Wrong, "frames"},
	"ws.head.wrong":         {Wrong, "frames"},
	"ws.accept.ok":          {Good, "frames"},
	"ws.accept.wrong":       {Wrong, "frames"},
	"ws.protocol.unasked":   {Wrong, "frames"},
	"ws.extension.unasked":  {Wrong, "frames"},
	"ws.deflate.agreed":     {Good, "frames"},
	"ws.deflate.none":       {Advice, "frames"},
	"ws.key.refused":        {Good, "frames"},
	"ws.key.accepted":       {Wrong, "frames"},
	"ws.version.refused":    {Good, "frames"},
	"ws.version.silent":     {Advice, "frames"},
	"ws.version.accepted":   {Wrong, "frames"},
	"ws.origin.refused":     {Good, "strangers"},
	"ws.origin.accepted":    {Advice, "strangers"},
	"ws.ping.answered":      {Good, "silence"},
	"ws.ping.other":         {Wrong, "silence"},
	"ws.ping.unanswered":    {Wrong, "silence"},
	"ws.frames.ok":          {Good, "frames"},
	"ws.frames.violation":   {Wrong, "frames"},
	"ws.beat.seen":          {Good, "silence"},
	"ws.beat.silent":        {Advice, "silence"},
	"ws.beat.unknown":       {Unknown, "silence"},
	"ws.close.answered":     {Good, "frames"},
	"ws.close.unanswered":   {Wrong, "frames"},
	"ws.close.left":         {Advice, "frames"},
	"ws.close.early":        {Advice, "reconnect"},
	"ws.strict.refused":     {Good, "frames"},
	"ws.strict.other":       {Advice, "frames"},
	"ws.strict.survived":    {Wrong, "frames"},
	"ws.strict.unconnected": {Unknown, "frames"},
}

// Keys are all that can be found.
func Keys() []string { return slices.Sorted(maps.Keys(outcomes)) }

// LessonOf is the slug of the lesson that explains what a key says.
func LessonOf(key string) string { return outcomes[key].lesson }
