# shellcheck shell=bash
# Sign a body as Drone does and post it to the bridge; the other scripts here source this one.
# Works in bash and zsh. Functions run in subshells, so that nothing is left behind in a shell
# that people work in.

# Print, in base64, the HMAC-SHA256 (RFC 2104) of standard input under the key $1.
# `openssl dgst -hmac` would do it, but shows the key to everybody in the list of processes.
hmac_sha256() (
    IFS=$' \t\n'
    key=$1
    if [ "$(printf %s "$key" | wc -c)" -gt 64 ]; then
        bytes=$(printf %s "$key" | openssl dgst -sha256 -binary | od -An -v -tu1)
    else
        bytes=$(printf %s "$key" | od -An -v -tu1)
    fi

    # Print the key, filled up with zeros to 64 bytes, each combined with $1.
    padded_key() {
        count=0
        for byte in $(printf '%s ' "$bytes"; printf '0 %.0s' $(seq 64)); do
            [ "$count" -lt 64 ] || break
            count=$((count + 1))
            byte=$((byte ^ $1))
            # shellcheck disable=SC2059 # The format is an octal escape of one byte.
            printf "\\$((byte / 64))$((byte / 8 % 8))$((byte % 8))"
        done
    }

    { padded_key 54; cat; } | openssl dgst -sha256 -binary |
        { padded_key 92; cat; } | openssl dgst -sha256 -binary | openssl base64 -A
)

# Post the body on standard input as event $1; fail unless the bridge accepts it.
sign_and_post() (
    event=$1
    url=${BRIDGE_URL:-http://localhost:5000}
    secret=${DRONE_WEBHOOK_SECRET:-webhook-secret}
    # While secrets are rotated there are several, comma-separated; \, is a comma within one.
    comma=$(printf '\037')
    secret=${secret//\\,/$comma}
    secret=${secret%%,*}
    secret=${secret//$comma/,}
    body=$(cat)

    date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
    digest="SHA-256=$(printf %s "$body" | openssl dgst -sha256 -binary | openssl base64 -A)"
    signature=$(printf 'date: %s\ndigest: %s' "$date" "$digest" | hmac_sha256 "$secret")

    answer=$(
        printf %s "$body" | command curl --silent --show-error --max-time 60 \
            --header "X-Drone-Event: $event" \
            --header "Content-Type: application/json" \
            --header "Digest: $digest" \
            --header "Date: $date" \
            --header "Signature: keyId=\"hmac-key\",algorithm=\"hmac-sha256\",signature=\"$signature\",headers=\"date digest\"" \
            --data-binary @- --write-out '\n%{http_code}' "${url%/}/"
    ) || :
    code=${answer##*$'\n'}
    case $code in
    2??)
        printf 'HTTP %s\n' "$code"
        ;;
    000)
        printf 'No answer from %s: is the bridge running? BRIDGE_URL says where it is.\n' "$url" >&2
        return 1
        ;;
    *)
        printf 'HTTP %s\n%s\n' "$code" "${answer%$'\n'*}"
        return 1
        ;;
    esac
)

# What the build_* scripts are about: another number makes another build.
BUILD_NUMBER=${BUILD_NUMBER:-42}
