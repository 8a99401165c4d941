#!/usr/bin/env bash
# Deploys the bridge to the hosts of an inventory. Arguments go to ansible-playbook:
#   ./deploy.sh                             everything
#   ./deploy.sh --check --diff              tells what it would change
#   INVENTORY=other.yml ./deploy.sh -e bridge_images=registry -e bridge_version=0.2.0
set -euo pipefail
cd "$(dirname "$0")"

inventory=${INVENTORY:-ansible/inventory/hosts.yml}
if [ ! -e "$inventory" ]; then
  echo "There is no $inventory: copy one of ansible/inventory/*.example.yml to it and name your host there." >&2
  exit 1
fi

# Ansible of its own, as ansible/requirements.txt pins it.
venv=.venv-deploy
if [ ! "$venv/installed" -nt ansible/requirements.txt ]; then
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "Python 3.11 or newer is needed; name one: PYTHON=python3.12 ./deploy.sh" >&2; exit 1; }
  "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r ansible/requirements.txt
  touch "$venv/installed"
fi

export ANSIBLE_CONFIG=$PWD/ansible/ansible.cfg
# Ansible refuses to start without a locale in UTF-8, and not every system has the same ones.
utf8=$(locale -a 2>/dev/null | grep -Ei '^(C|en_US)\.utf-?8$' | head -n 1 || true)
export LC_ALL=${utf8:-C.UTF-8}
exec "$venv/bin/ansible-playbook" --inventory "$inventory" ansible/site.yml "$@"
