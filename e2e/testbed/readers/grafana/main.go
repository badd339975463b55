// grafana reads the dashboard of a file as Grafana's own types have it, those of its panels and of Prometheus' queries too: a
// field that they do not know, one that is missing and a value of another type are told.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

func main() {
	if err := read(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "grafana:", err)
		os.Exit(1)
	}
}

func read(file string) error {
	// Not all that Grafana has: it takes long to build.
	known := cog.NewRuntime()
	known.RegisterPanelcfgVariant(stat.VariantConfig())
	known.RegisterPanelcfgVariant(table.VariantConfig())
	known.RegisterPanelcfgVariant(timeseries.VariantConfig())
	known.RegisterDataqueryVariant(prometheus.VariantConfig())
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var board struct{ Panels []struct{ Type string } }
	if err := json.Unmarshal(text, &board); err != nil {
		return err
	}
	for _, panel := range board.Panels {
		if _, found := known.ConfigForPanelcfgVariant(panel.Type); !found && panel.Type != "row" {
			return fmt.Errorf("to have it checked, register the type of panel %q", panel.Type)
		}
	}
	err = new(dashboard.Dashboard).UnmarshalJSONStrict(text)
	// A list without an error in it is none.
	if list := (cog.BuildErrors{}); errors.As(err, &list) && len(list) == 0 {
		return nil
	}
	return err
}
