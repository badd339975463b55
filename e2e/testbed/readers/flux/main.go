// flux says what Flux makes of the object on standard input: the status that its Kustomization waits for, a tab, and why.
// Without an argument by the rules of kstatus, with the file of a Kustomization by its healthCheckExprs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func main() {
	result, err := judge(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "flux:", err)
		os.Exit(1)
	}
	fmt.Printf("%s\t%s\n", result.Status, result.Message)
}

func judge(files []string) (*status.Result, error) {
	var object unstructured.Unstructured
	// Numbers become int64, as in what the API server answers.
	if err := json.NewDecoder(os.Stdin).Decode(&object); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return status.Compute(&object)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	var waiting kustomizev1.Kustomization
	if err := yaml.UnmarshalStrict(text, &waiting); err != nil {
		return nil, err
	}
	for _, check := range waiting.Spec.HealthCheckExprs {
		if check.APIVersion != object.GetAPIVersion() || check.Kind != object.GetKind() {
			continue
		}
		evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		if err != nil {
			return nil, err
		}
		return evaluator.Evaluate(context.Background(), &object)
	}
	return nil, fmt.Errorf("%s has no healthCheckExprs for %s", files[0], object.GetKind())
}
