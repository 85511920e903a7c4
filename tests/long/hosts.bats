# Training on four machines (docs/scaling.md) that are network namespaces of this one, each with an address and a name of
# its own, connected by a bridge: nothing but the network is between the processes.

load ../common
load ../training

NET=10.213.77

setup_file() {
  local program i
  for program in ip unshare mpirun; do
    command -v $program >/dev/null || skip "there is no $program here"
  done
  [ -e "$PM_BUILD/bin/pixelmill-mpi.so" ] || skip 'pixelmill-mpi.so is not built: make mpi'
  ip netns add "pm-try-$$" 2>/dev/null || skip 'network namespaces can only be made as root'
  ip netns del "pm-try-$$"
  export ID=$$
  ip link add "pmb$ID" type bridge || skip 'there are no bridges here'
  ip addr add $NET.254/24 dev "pmb$ID"
  ip link set "pmb$ID" up
  for i in 1 2 3 4; do
    ip netns add "pm$i-$ID"
    ip link add "pm$i-$ID" type veth peer name eth0 netns "pm$i-$ID"
    ip link set "pm$i-$ID" master "pmb$ID" up
    ip netns exec "pm$i-$ID" ip addr add $NET.$i/24 dev eth0
    ip netns exec "pm$i-$ID" ip link set eth0 up
    ip netns exec "pm$i-$ID" ip link set lo up
  done
  # What mpirun starts its daemons with, in place of ssh: agent HOST COMMAND...
  cat >"$BATS_FILE_TMPDIR/agent" <<EOF
#!/usr/bin/env bash
host=\${1##*.}
shift
exec ip netns exec "pm\$host-$ID" unshare --uts bash -c 'hostname host\$0 && eval "\$1"' "\$host" "\$*"
EOF
  chmod +x "$BATS_FILE_TMPDIR/agent"
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_plm_rsh_agent=$BATS_FILE_TMPDIR/agent
  export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_tcp_if_include=$NET.0/24 OMPI_MCA_oob_tcp_if_include=$NET.0/24
  tiny_training
  train --set training.micro_batches=4 -o "$SHARED/four"
}

teardown_file() {
  local i
  [ "${ID-}" ] || return 0
  for i in 1 2 3 4; do ip netns del "pm$i-$ID" || true; done
  ip link del "pmb$ID" || true
}

# hosts N OPTION...: the tiny training on N machines, a process each.
hosts() {
  local list
  list=$(seq -f "$NET.%g" -s , "$1")
  shift
  mpirun -host "$list" -x PATH -wdir "$PWD" train-vae -q -t 1 -c "$CONFIG" --data "$SPRITES" "$@"
}

@test "hosts: two and four machines write the bytes of one process" {
  # They are several: each has its own name, and no way to another but the bridge.
  mpirun -host $NET.1,$NET.2,$NET.3,$NET.4 hostname | sort >names
  [ "$(paste -sd ' ' names)" = 'host1 host2 host3 host4' ]
  for n in 2 4; do
    hosts $n --set training.micro_batches=4 -o run$n
    same_training run$n "$SHARED/four"
    grep -q "  $n processes by" run$n/log.txt
  done
}

@test "hosts: a machine that is lost ends all, and the training goes on without it" {
  long=(--set training.micro_batches=4 --set training.steps=400 --set output.checkpoint_every=20)
  train "${long[@]}" -o whole
  hosts 4 "${long[@]}" -o run >said 2>&1 3>&- &
  pid=$!
  within 60 has_rows run 40
  for process in $(ip netns pids "pm4-$ID"); do kill -KILL "$process" 2>/dev/null || true; done
  wait $pid && false
  [ ! -e run/model.safetensors ]
  tensor check run/checkpoint.safetensors
  hosts 2 "${long[@]}" -o run
  same_training run whole
}
