// audio
