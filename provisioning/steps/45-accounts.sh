# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# The appliance's user, the broker's, and who may operate the device.

# make_accounts : users and groups from systemd/sysusers.d, and the person's membership
make_accounts() {
  ensure_file /etc/sysusers.d/talkbox.conf 0644 root:root <"$SOURCE/systemd/sysusers.d/talkbox.conf"
  ensure_accounts talkbox.conf
  STEP_FACT='talkbox, talkbox-broker'
  if [[ -n ${ANSWER[user]:-} ]]; then
    has_account passwd "${ANSWER[user]}" || die 64 "there is no user ${ANSWER[user]}" '--user names who is to operate the device'
    ensure_member "${ANSWER[user]}" talkbox
    STEP_FACT+="; ${ANSWER[user]} may operate the device"
  fi
}
