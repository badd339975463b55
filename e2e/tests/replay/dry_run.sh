# `kubectl` as a function that changes nothing: the API server checks what it is asked and does not keep it.
set -o pipefail
kubectl() {
  local words=() verb='' container='' skip=''
  local word
  for word in "$@"; do
    if [ "$skip" = namespace ]; then words+=("$word"); skip=''; continue; fi
    if [ "$skip" = container ]; then container=$word; skip=''; continue; fi
    case $word in
      -n) words+=("$word"); skip=namespace ;;
      -c) [ "$verb" = logs ] && skip=container || words+=("$word") ;;
      --previous | --tail=*) [ "$verb" = logs ] || words+=("$word") ;;
      -*) words+=("$word") ;;
      *) [ -z "$verb" ] && verb=$word || words+=("$word") ;;
    esac
  done
  case $verb in
    get | describe | explain | auth) command kubectl "$@" ;;
    annotate | apply | create | delete | label | patch | replace | scale | set) command kubectl "$@" --dry-run=server ;;
    # Knows no dry run; this is the change that it makes.
    rollout)
      [ "$3 $4" = 'rollout restart' ] || { echo "not known how to try: kubectl $*" >&2; return 64; }
      command kubectl "$1" "$2" patch "${@:5}" --dry-run=server --type merge \
        -p '{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-01T00:00:00Z"}}}}}' ;;
    # An editor that leaves everything as it is.
    edit) KUBE_EDITOR=true command kubectl "$@" ;;
    # The played kubelets have no logs; what can be wrong is which Pod and which container.
    logs)
      [[ "${words[*]}" = *'/'* ]] || words=("${words[@]:0:2}" pod "${words[@]:2}")
      local found
      found=$(command kubectl get "${words[@]}" -o json) || return
      [ -z "$container" ] || [[ $found = *"\"name\": \"$container\""* ]] || { echo "there is no container $container" >&2; return 1; } ;;
    *) echo "not known how to try: kubectl $*" >&2; return 64 ;;
  esac
}
