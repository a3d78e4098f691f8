"""Echo cancellation: what the loudspeaker said is taken out of what the microphone heard."""
