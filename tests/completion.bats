# Completions of the shells: that each offers what the tools say of their options. The shells themselves are asked.
bats_require_minimum_version 1.5.0
load common

MAKE=$(command -v gmake || command -v make)

# Once a file: completions of the tools that are tested.
setup_file() {
  export DONE=$BATS_FILE_TMPDIR/done
  mkdir -p "$DONE"
  as_it_was_built
  if would_compile completions; then return; fi
  "$MAKE" -s -C "$REPO" completions >"$DONE/said" 2>&1 ||
    { cat "$DONE/said" >&2; return 1; }
  cp "$PM_BUILD"/completion/* "$DONE"
}

setup() {
  T=$BATS_TEST_TMPDIR
  cd "$T" || return 1
  [ -e "$DONE/pixelmill.bash" ] || skip 'the build has flags of its own'
  mkdir -p 'my folder'
  : >a.npy
  : >b.PNG
  : >c.safetensors
  : >d.txt
  : >'with blank.npy'
}

# in_bash WORD...: what bash offers for a line of these words, the last of which is being typed; a line each.
in_bash() {
  bash --norc -c '
    source "$1"
    shift
    COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_WORDS=()
    for word; do # divided as bash divides them
      while [[ $word == *[=:]* ]]; do
        before=${word%%[=:]*}
        [ -z "$before" ] || COMP_WORDS+=("$before")
        word=${word#"$before"} && COMP_WORDS+=("${word:0:1}") && word=${word:1}
        [[ $word ]] || continue 2
      done
      COMP_WORDS+=("$word")
    done
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _pixelmill
    [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' - "$DONE/pixelmill.bash" "$@"
}

# in_fish LINE
in_fish() {
  # shellcheck disable=SC2016  # fish expands them
  env HOME="$T" XDG_CONFIG_HOME="$T/.fish" XDG_DATA_HOME="$T/.fish" fish --no-config -c '
    source $argv[1]
    complete -C $argv[2]' "$DONE/pixelmill.fish" "$1" | cut -f 1
}

# in_zsh LINE: types it and a tab into an interactive zsh whose compadd notes what it is given. What the line is then lies
# in .line.
in_zsh() {
  rm -f .hits
  cat >.zshrc <<ZSH
PS1='ready>'
fpath=("$DONE" \$fpath)
autoload -U compinit && compinit -u -D
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    typeset -a __hits
    builtin compadd -A __hits "\$@"
    print -rl -- \${(Q)__hits} >>.hits
  fi
  builtin compadd "\$@"
}
finish() { print -r -- "\$BUFFER" >.line; print done >>.hits; zle send-break }
zle -N finish
bindkey '^I' complete-word
bindkey '^X' finish
print ready >started
ZSH
  cat >driver <<'ZSH'
zmodload zsh/zpty
waiting_for() { repeat 500; do eval $1 && break; sleep 0.01; done }
zpty shell env TERM=dumb HOME=$PWD zsh -f -i
zpty -w shell 'source ./.zshrc'
waiting_for '[[ -e started ]]'
zpty -w -n shell "$1"$'\t\x18'
waiting_for 'grep -qx done .hits 2>/dev/null'
zpty -d shell
ZSH
  rm -f started
  zsh -f driver "$1"
  rm -f driver started
  grep -vx -e 'done' -e '' .hits
}

# Each of the lines that follow is offered, and with -x no other.
offers() {
  local only='' wanted status=0
  [ "$1" != -x ] || { only=yes && shift; }
  for wanted; do
    grep -qxF -e "$wanted" <<<"$output" || { echo "not offered: $wanted" >&2 && status=1; }
  done
  [ -z "$only" ] || [ "$(sort -u <<<"$output" | grep -c .)" -eq $# ] || status=1
  [ $status -eq 0 ] || { printf 'offered:\n%s\n' "$output" >&2 && return 1; }
}
lacks() { ! grep -qxF -e "$1" <<<"$output" || { echo "offered: $1" >&2 && return 1; }; }

@test "every tool, its options, its choices and its keys are in all three" {
  for tool in $(tools_built); do
    for file in pixelmill.bash _pixelmill pixelmill.fish; do grep -q -e "$tool" "$DONE/$file"; done
  done
  described() { awk -F '\t' -v at="$1" '$1 == "option" && $2 == at || $1 == "key" && $2 == at { print $(NF - 1) }' <<<"$table"; }
  table=$(train-ddpm --describe)
  samplers=$(described sampling.sampler)
  table=$(sample --describe)
  [ "$(described sampler)" = "$samplers" ]
  [[ $samplers == 'words ancestral '* ]]
}

@test "bash: commands and tools, options, the values that an option may have" {
  run in_bash pixelmill 'sa'
  offers -x sample
  run in_bash pixelmill ''
  offers compare page list sample train-vae help
  run in_bash pixelmill help mon
  offers -x montage
  run in_bash pixelmill sample --sa
  offers -x --save-labels --sampler
  run in_bash pixelmill sample --sampler d
  offers -x ddim dpm++2m
  run in_bash pixelmill sample --sampler=d
  offers -x ddim dpm++2m
  run in_bash pixelmill sample --precision ''
  offers -x fp32 bf16 auto "model's"
  run in_bash pixelmill compare --preset ''
  offers -x default seed smoke
  run in_bash pixelmill slice-tiles --density 0.1:0.5 --re
  offers -x --rest
}

@test "bash: files by what is in them, configs, keys and their values" {
  run in_bash pixelmill snap ''
  offers -x a.npy b.PNG 'with blank.npy' 'my folder'
  run in_bash pixelmill sample ''
  offers -x c.safetensors 'my folder'
  run in_bash pixelmill snap -p ''
  offers -x b.PNG d.txt 'my folder'
  run in_bash pixelmill report ''
  offers -x 'my folder'
  run in_bash pixelmill snap -o ''
  offers a.npy c.safetensors d.txt
  run in_bash pixelmill snap -- -
  [ -z "$output" ]
  run in_bash pixelmill train-vae -c configs/vae-
  offers -x configs/vae-bce.yaml configs/vae-mse.yaml
  run in_bash pixelmill train-ddpm --set sampling.s
  offers -x sampling.sampler= sampling.steps=
  run in_bash pixelmill train-ddpm --set sampling.sampler=d
  offers -x ddim dpm++2m
  run in_bash pixelmill train-vae -n 4 --set training.batch=
  [ -z "$output" ]
}

@test "bash: what the Tab key does" {
  command -v script >/dev/null || skip 'there is no script(1)'
  printf '%s\n' "source '$DONE/pixelmill.bash'" "PS1='> '" 'bind "set bell-style none"' 'pixelmill() { printf "<%s>" "$@" >typed; }' >rc
  printf 'pixelmill sample --sampler=anc\t c.saf\t\nexit\n' | TERM=dumb script -qec 'bash --noprofile --rcfile rc -i' /dev/null >/dev/null 2>&1
  [ "$(cat typed)" = '<sample><--sampler=ancestral><c.safetensors>' ]
}

@test "fish: the same" {
  command -v fish >/dev/null || skip 'fish is not installed'
  run in_fish 'pixelmill sa'
  offers -x sample
  run in_fish 'pixelmill sample --sampler d'
  offers ddim dpm++2m
  run in_fish 'pixelmill sample --sampler=d'
  offers --sampler=ddim
  run in_fish 'pixelmill sample --precision '
  offers -x fp32 bf16 auto "model's"
  run in_fish 'pixelmill sample --sa'
  offers --save-labels --sampler
  run in_fish 'pixelmill snap '
  offers -x a.npy b.PNG 'with blank.npy' 'my folder/'
  run in_fish 'pixelmill snap -p '
  offers -x b.PNG d.txt 'my folder/'
  run in_fish 'pixelmill train-vae -c configs/vae-'
  offers -x configs/vae-bce.yaml configs/vae-mse.yaml
  run in_fish 'pixelmill train-ddpm --set sampling.sampler=d'
  offers -x sampling.sampler=ddim sampling.sampler=dpm++2m
}

@test "zsh: the same" {
  command -v zsh >/dev/null || skip 'zsh is not installed'
  run in_zsh 'pixelmill sampl'
  offers -x sample
  run in_zsh 'pixelmill sample --sampler d'
  offers -x ddim dpm++2m
  run in_zsh 'pixelmill sample --precision m'
  offers -x "model's"
  grep -qx "pixelmill sample --precision model\\\\'s *" .line
  run in_zsh 'pixelmill sample --sa'
  offers --save-labels --sampler
  run in_zsh 'pixelmill snap '
  offers a.npy b.PNG 'with blank.npy' 'my folder'
  lacks c.safetensors
  run in_zsh 'pixelmill train-vae -c configs/vae-'
  offers -x configs/vae-bce.yaml configs/vae-mse.yaml
  run in_zsh 'pixelmill train-ddpm --set sampling.s'
  offers -x sampling.sampler sampling.steps
  run in_zsh 'pixelmill train-ddpm --set sampling.sampler=d'
  offers -x ddim dpm++2m
}
