// prometheus-operator reads the objects on standard input, YAML, as the Prometheus Operator's own types have them: a field that they
// do not know and a value of another type are told. Says the kinds of what it has read.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	strict "sigs.k8s.io/yaml"
)

func main() {
	if err := read(yaml.NewYAMLReader(bufio.NewReader(os.Stdin))); err != nil {
		fmt.Fprintln(os.Stderr, "prometheus-operator:", err)
		os.Exit(1)
	}
}

func read(documents *yaml.YAMLReader) error {
	for {
		text, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var of struct{ APIVersion, Kind string }
		if err := strict.Unmarshal(text, &of); err != nil {
			return err
		}
		objects := map[string]any{
			monitoringv1.PrometheusRuleKind:  new(monitoringv1.PrometheusRule),
			monitoringv1.ServiceMonitorsKind: new(monitoringv1.ServiceMonitor),
		}
		object, known := objects[of.Kind]
		if !known || of.APIVersion != monitoringv1.SchemeGroupVersion.String() {
			return fmt.Errorf("not of the Prometheus Operator: %s, kind %s", of.APIVersion, of.Kind)
		}
		if err := strict.UnmarshalStrict(text, object); err != nil {
			return err
		}
		fmt.Println(of.Kind)
	}
}
