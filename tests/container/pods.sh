#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A container measures with another one: by podman kube play, as a fleet's
# node would, and by compose.
. "$(dirname "$0")/common.sh"

# play FILE: the pod is played and its driver has ended.
play ()
{
	"$ENGINE" kube play --network none "$1" || return
	timeout 60 "$ENGINE" wait weir-driver || return
	"$ENGINE" logs weir-driver >driver.json 2>driver.log
	cat driver.log
}

unplay ()
{
	"$ENGINE" kube down "$1"
	"$ENGINE" volume rm --force weir-sockets
}

pod ()
{
	play kube/weir-pod.yaml && holds driver.json '.complete and
		(.cells | length == 3) and all(.cells[]; .status == "ok") and
		([.cells[].transport] | sort == ["pipe", "shm", "uds"]) and
		.environment.host.pid_namespace !=
			.environment.client.pid_namespace'
}
ok "podman kube play of kube/weir-pod.yaml" pod

ended ()
{
	for container in weir-client weir-driver; do
		test "$("$ENGINE" container inspect --format \
			'{{.State.Status}} {{.State.ExitCode}} {{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}}' \
			$container)" = "exited 0 1001:1001 true []" || {
			"$ENGINE" container inspect $container
			return 1
		}
	done
}
ok "its containers are confined and have ended well" ended
unplay kube/weir-pod.yaml >"$scratch/unplayed" 2>&1

# The DaemonSet's pod as this engine can play it: podman 4.3 knows neither
# DaemonSets nor emptyDir nor a node's name, and what never ends is not waited
# for but read.
template ()
{
	python3 - kube/weir-daemonset.yaml kube/weir-pod.yaml <<-'END'
	import sys, yaml
	daemon_set = yaml.safe_load(open(sys.argv[1]))
	claim = list(yaml.safe_load_all(open(sys.argv[2])))[0]
	pod = daemon_set["spec"]["template"]
	labels = daemon_set["spec"]["selector"]["matchLabels"]
	assert labels.items() <= pod["metadata"]["labels"].items()
	pod.update(apiVersion="v1", kind="Pod")
	pod["metadata"]["name"] = "weir"
	spec = pod["spec"]
	spec["volumes"] = [{"name": "sockets", "persistentVolumeClaim":
	                    {"claimName": claim["metadata"]["name"]}}]
	for container in spec["containers"]:
	    if "env" in container:
	        container["env"] = [{"name": "NODE_NAME", "value": "node-1"}]
	print(yaml.safe_dump_all([claim, pod]))
	END
}

# The engine passes a long line on in pieces: this one is there to its end.
one_line ()
{
	"$ENGINE" logs weir-driver >fleet.log 2>/dev/null &&
		grep '^{' fleet.log >fleet.jsonl &&
		jq -e .schema fleet.jsonl >"$scratch/jq" 2>&1
}

fleet ()
{
	template >node.yaml || return
	"$ENGINE" kube play --network none node.yaml || return
	until_true one_line || until_true one_line || {
		"$ENGINE" logs weir-driver
		return 1
	}
	test "$(wc -l <fleet.jsonl)" -eq 1 && is_state weir-driver running &&
		holds fleet.jsonl '.complete and .name == "node-1" and
			(.cells | length == 3) and
			all(.cells[]; .status == "ok")'
}
if python3 -c 'import yaml' 2>/dev/null; then
	ok "a node of kube/weir-daemonset.yaml prints one line" fleet
	unplay node.yaml >"$scratch/unplayed" 2>&1
else
	skip "a node of kube/weir-daemonset.yaml prints one line" \
		"no python3-yaml"
fi

# podman-compose 1.0.3 (Debian 12) takes network_mode for one more network;
# this takes the other one away again.
compose_path ()
{
	cat <<-END
	#!/bin/bash
	test "\$1 \$2" != "network exists" || exit 0
	arguments=()
	while test \$# -gt 0; do
		case \$1 in
		--net | --network-alias) shift ;;
		--tty) ;;
		*) arguments+=("\$1") ;;
		esac
		shift
	done
	exec "$(command -v "$ENGINE")" "\${arguments[@]}"
	END
}

compose ()
{
	PODMAN_USERNS=$engine_userns podman-compose \
		--podman-path "$scratch/podman" -f "$@" </dev/null
}

by_host ()
{
	fresh
	server prepare && compose "$1" up -d server && drive 0 1000 1024 1 &&
		good 1000 1 && until_true test -s output/container_server_results.json
}

by_container ()
{
	fresh
	server prepare && compose "$1" run --rm driver && good 1000 1 &&
		is_state "weir-${MECHANISM:-uds}-peer" running &&
		holds output/host_client_results.json '.environment |
			.host.pid_namespace != .client.pid_namespace and
			.host.container != null'
}

if command -v podman-compose >/dev/null 2>&1; then
	compose_path >"$scratch/podman"
	chmod +x "$scratch/podman"
	ok "compose: the host drives" by_host podman-compose.uds.yml
	compose podman-compose.uds.yml down >"$scratch/downed" 2>&1
	ok "compose: a container drives" by_container podman-compose.uds.yml
	compose podman-compose.uds.yml down >"$scratch/downed" 2>&1
	MECHANISM=shm
	export MECHANISM
	ok "compose: a container drives by MECHANISM" \
		by_container podman-compose.yml
	compose podman-compose.yml down >"$scratch/downed" 2>&1
	"$ENGINE" volume rm --force container_shared >"$scratch/rm" 2>&1
	unset MECHANISM
else
	skip "compose" "no podman-compose"
fi

# The two compose files differ in what MECHANISM says only.
same ()
{
	sed 's/\${MECHANISM:-uds}/uds/g' podman-compose.yml | sed '/^#/d' \
		>"$scratch/filled"
	sed '/^#/d' podman-compose.uds.yml | diff - "$scratch/filled"
}
ok "both compose files are the same" same
plan
