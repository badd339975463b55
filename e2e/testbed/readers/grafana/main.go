// grafana reads the dashboard of a file as Grafana's own types have it, those of its panels and of Prometheus' queries too: a
// field that they do not know, one that is missing and a value of another type are told.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	if err := read(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "grafana:", err)
		os.Exit(1)
	}
}

func read(file string) error {
	plugins.RegisterDefaultPlugins()
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	err = new(dashboard.Dashboard).UnmarshalJSONStrict(text)
	// A list without an error in it is none.
	if list := (cog.BuildErrors{}); errors.As(err, &list) && len(list) == 0 {
		return nil
	}
	return err
}
