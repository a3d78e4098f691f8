# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# What runs from now on.

# enable_services : have the units started at every boot
enable_services() {
  if ((!LIVE)); then
    ensure_unit talkbox-setup.service
    STEP_FACT='setup goes on when the image starts for the first time'
    return
  fi
  ! booted || ((DRY_RUN)) || act systemctl daemon-reload
  ensure_unit talkbox.service
  ensure_unit talkbox-doctor.service
  if [[ ${ANSWER[access]} == private ]]; then ensure_unit talkbox-broker.socket; else ensure_no_unit talkbox-broker.socket; fi
  # Not at the first press, which would wait for Python; without an agent it has no settings to start with.
  if broker_can_start; then ensure_unit talkbox-broker.service; else ensure_no_unit talkbox-broker.service; fi
  STEP_FACT='talkbox, talkbox-doctor'
  [[ ${ANSWER[access]} != private ]] || STEP_FACT+=', talkbox-broker'
}

# broker_can_start : whether there is something for it to do
broker_can_start() { [[ ${ANSWER[access]} == private && ${ANSWER[agent_id]} != later ]]; }

# start_or_restart : restart the Pi if the board needs it, once; else start the appliance, and let the doctor look at it
start_or_restart() {
  if ((!LIVE)); then
    STEP_FACT="the image is ready: $ROOT"
  elif ((DRY_RUN)); then
    STEP_FACT='nothing was changed'
  elif needs_reboot || ! booted; then
    ensure_unit talkbox-setup.service
    restart_the_pi
  else
    start_services
  fi
}

# restart_the_pi : restart; talkbox-setup.service goes on afterwards
restart_the_pi() {
  STEP_FACT='the overlay is loaded at the next start; setup goes on by itself then'
  if ! booted || ((!MAY_REBOOT)); then
    set_status 'waiting for a restart'
    ! booted || more 'when it suits you: sudo systemctl reboot'
    return
  fi
  set_status "restarting $(boot_id)"
  more 'restarting the Pi now. Setup goes on by itself; watch it: tail -f /var/log/talkbox-setup.log'
  sync
  act systemctl reboot
}

# start_services : start what is to run, and look whether it does
start_services() {
  unmark reboot
  if [[ ${ANSWER[access]} == private ]]; then
    if marked restart; then act systemctl restart talkbox-broker.socket; else act systemctl start talkbox-broker.socket; fi
    ! broker_can_start || act systemctl start talkbox-broker.service ||
      more 'the broker does not start: sudo journalctl --unit talkbox-broker.service --lines 20'
  fi
  if [[ ${ANSWER[agent_id]} == later ]]; then
    more 'the agent is missing: sudo /opt/talkbox/setup/provisioning/setup.sh --agent-id ID'
    STEP_FACT='everything is in place but the agent'
  elif marked restart || ! systemctl --quiet is-active talkbox.service; then
    act systemctl restart talkbox.service ||
      die 69 'talkbox.service does not start' 'why: sudo journalctl --unit talkbox.service --lines 20'
    did changed 'talkbox.service runs'
    STEP_FACT='press the button and talk'
  else
    STEP_FACT='press the button and talk'
  fi
  unmark restart
  say '' 'talkbox doctor:'
  "$ROOT/opt/talkbox/current/bin/talkbox" doctor 2>&1 | tee --append -- "$LOG" ||
    STEP_FACT+='; but first what the doctor found, above'
  # Last, and not stopped: it may be what runs us.
  if systemctl --quiet is-enabled talkbox-setup.service 2>/dev/null; then act systemctl disable talkbox-setup.service; fi
  set_status 'done'
}
